// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.stage.Nanos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long one call waits before its next attempt. After most failures for a random time, from 0 to a bound that doubles from
 * 25 ms to 1 s (full jitter); not at all when nothing was processed. An instance that asks to be asked again later gives a
 * hint, which concerns only that instance: the call goes elsewhere at once, and comes back when nobody else is left.
 * Belongs to one call.
 */
final class RetryBackoff {
    private static final long BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long CAP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<Hint> hints = new ArrayList<>(2);

    private record Hint(ServiceInstance instance, long untilNanos) {}

    /** The wait of a call that has made {@code attempts}, the last of which ended so, in nanoseconds; leaves hints out. */
    static long nanos(Verdict verdict, int attempts, RandomGenerator random) {
        if (verdict.retryAfter() != null) {
            return 0;
        }
        if (verdict.resend() == Verdict.Resend.ALWAYS || verdict.trouble() == Verdict.Trouble.STALE_CONNECTION) {
            return 0;
        }
        long bound = Math.min(CAP_NANOS, BASE_NANOS << Math.min(attempts - 1, 10));
        return random.nextLong(bound + 1);
    }

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
