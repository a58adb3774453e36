// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.stage.Nanos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which instances of one call asked to be asked again later, and when. A hint concerns the instance that gave it: the call
 * goes elsewhere, and comes back when nobody else is left. Belongs to one call.
 */
public final class RetryHints {
    private final List<Hint> hints = new ArrayList<>(2);

    private record Hint(ServiceInstance instance, long untilNanos) {}

    /** Notes for how long an instance asked to be left alone; null means that it did not, and ends an earlier hint of it. */
    void add(ServiceInstance instance, @Nullable Duration asked, long nowNanos) {
        hints.removeIf(hint -> hint.instance().isSameCopyAs(instance));
        if (asked != null) {
            hints.add(new Hint(instance, nowNanos + Nanos.of(asked)));
        }
    }

    boolean isEmpty() {
        return hints.isEmpty();
    }

    /** Until the first of them may be asked again. */
    long nanosToFirst(long nowNanos) {
        long least = Long.MAX_VALUE;
        for (Hint hint : hints) {
            least = Math.min(least, Math.max(0, hint.untilNanos() - nowNanos));
        }
        return least;
    }

    /** The call's own context without those tried, but with those whose time has come at that moment. */
    PickContext readmit(PickContext own, PickContext tried, long atNanos) {
        PickContext context = own;
        for (ServiceInstance instance : tried.excluded()) {
            if (!own.excludes(instance) && !isDue(instance, atNanos)) {
                context = context.excluding(instance);
            }
        }
        return context;
    }

    private boolean isDue(ServiceInstance instance, long atNanos) {
        return hints.stream()
                .anyMatch(hint -> hint.instance().isSameCopyAs(instance) && hint.untilNanos() - atNanos <= 0);
    }
}
