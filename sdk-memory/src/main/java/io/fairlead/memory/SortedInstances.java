// SPDX-License-Identifier: Apache-2.0
package io.fairlead.memory;

import io.fairlead.api.ServiceInstance;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Instances by id, in an array, so that handing out all of them reads none of them. An immutable value. */
final class SortedInstances {
    static final SortedInstances NONE = new SortedInstances(new ServiceInstance[0]);

    private final ServiceInstance[] sorted;

    private SortedInstances(ServiceInstance[] sorted) {
        this.sorted = sorted;
    }

    boolean isEmpty() {
        return sorted.length == 0;
    }

    /** A view, in order of id. */
    List<ServiceInstance> list() {
        return Collections.unmodifiableList(Arrays.asList(sorted));
    }

    @Nullable
    ServiceInstance get(String id) {
        int place = place(id);
        return isAt(place, id) ? sorted[place] : null;
    }

    /** These and one more, which takes the place of one with the same id. */
    SortedInstances with(ServiceInstance instance) {
        int place = place(instance.id());
        int replaced = isAt(place, instance.id()) ? 1 : 0;
        ServiceInstance[] more = Arrays.copyOf(sorted, sorted.length + 1 - replaced);
        System.arraycopy(sorted, place + replaced, more, place + 1, sorted.length - place - replaced);
        more[place] = instance;
        return new SortedInstances(more);
    }

    SortedInstances without(String id) {
        int place = place(id);
        if (!isAt(place, id)) {
            return this;
        }
        ServiceInstance[] fewer = Arrays.copyOf(sorted, sorted.length - 1);
        System.arraycopy(sorted, place + 1, fewer, place, fewer.length - place);
        return new SortedInstances(fewer);
    }

    private boolean isAt(int place, String id) {
        return place < sorted.length && sorted[place].id().equals(id);
    }

    /** Where an id is, or would be. */
    private int place(String id) {
        int from = 0;
        int to = sorted.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (sorted[middle].id().compareTo(id) < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
