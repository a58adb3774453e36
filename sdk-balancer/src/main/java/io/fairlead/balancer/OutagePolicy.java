// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * What to do with a list that lacks instances which may still live. On by default. Serving the last list while the
 * registry is down needs no rule: a dead registry sends no list, and the last one has no expiry.
 *
 * <p>A removal is suspect when the list is the first after an interruption, or when more than half of the instances, at
 * least two, vanish at once. Suspects stay in use until the registry lists them again, the grace is over, or every one of
 * them refuses connections. A removal after an observed drain is never suspect. An ordinary removal on an unbroken watch
 * applies at once, also the last instance's.
 *
 * @param enabled whether suspects are held at all
 * @param grace how long they are held; default 60 s
 */
public record OutagePolicy(boolean enabled, Duration grace) {

    /** Rejects a negative grace. */
    public OutagePolicy {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
    }

    /** Suspects are held for 60 s. */
    public static OutagePolicy defaults() {
        return new OutagePolicy(true, Duration.ofSeconds(60));
    }

    /** Every list is believed at once. */
    public static OutagePolicy off() {
        return new OutagePolicy(false, Duration.ZERO);
    }

    /** This policy with another grace. */
    public OutagePolicy withGrace(Duration value) {
        return new OutagePolicy(enabled, value);
    }
}
