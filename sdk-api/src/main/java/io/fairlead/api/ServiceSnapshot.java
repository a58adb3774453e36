// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * All instances of one service at one moment, in a stable order. An immutable value, safe for any thread.
 *
 * @param service the service, lower case
 * @param revision grows with every change seen by one watch; comparable only within that watch
 * @param instances what the registry lists, in every {@link InstanceStatus}, sorted by id; ids are unique
 */
public record ServiceSnapshot(String service, long revision, List<ServiceInstance> instances) {

    /**
     * Copies and sorts the instances.
     *
     * @throws IllegalArgumentException when an instance belongs to another service or two share an id
     */
    public ServiceSnapshot {
        String name = Names.requireService(service);
        if (revision < 0) {
            throw new IllegalArgumentException("revision of '" + name + "': " + revision + " (expected: 0 or more)");
        }
        service = name;
        instances = sortedById(name, instances);
    }

    /** A snapshot without instances. */
    public static ServiceSnapshot empty(String service, long revision) {
        return new ServiceSnapshot(service, revision, List.of());
    }

    /** True when no instance is listed. */
    public boolean isEmpty() {
        return instances.isEmpty();
    }

    /** One walk when they come in order, as most registries have them. */
    private static List<ServiceInstance> sortedById(String service, List<ServiceInstance> given) {
        ServiceInstance[] sorted = given.toArray(ServiceInstance[]::new);
        // In order they are strictly ascending, so that no id is there twice.
        boolean isInOrder = isInOrder(sorted);
        if (!isInOrder) {
            Arrays.sort(sorted, Comparator.comparing(ServiceInstance::id));
        }
        for (int i = 0; i < sorted.length; i++) {
            if (!sorted[i].service().equals(service)) {
                throw new IllegalArgumentException("instance of '" + sorted[i].service() + "' in a snapshot of '"
                        + service + "' (expected: instances of that service only)");
            }
            if (!isInOrder && i > 0 && sorted[i].id().equals(sorted[i - 1].id())) {
                throw new IllegalArgumentException(
                        "id: " + Names.quote(sorted[i].id()) + " twice in '" + service + "' (expected: unique ids)");
            }
        }
        return List.of(sorted);
    }

    private static boolean isInOrder(ServiceInstance[] instances) {
        for (int i = 1; i < instances.length; i++) {
            if (instances[i - 1].id().compareTo(instances[i].id()) >= 0) {
                return false;
            }
        }
        return true;
    }
}
