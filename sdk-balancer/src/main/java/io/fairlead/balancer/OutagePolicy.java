// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What to do with a list that lacks instances which may still live. On by default. Serving the last list while the
 * registry is down needs no rule: a dead registry sends no list, and the last one has no expiry.
 *
 * <p>A removal is suspect when the list is the first after an interruption, or when more than half of the instances, at
 * least two, vanish at once. Suspects stay in use until the registry lists them again, or another instance at their address,
 * until the grace is over, or until every one of them refuses connections. A removal after an observed drain is never suspect. An ordinary removal on an unbroken watch
 * applies at once, also the last instance's.
 *
 * @param enabled whether suspects are held at all
 * @param grace how long they are held; default 60 s
 * @param maxAge how long a list is served while its registry does not answer; null, the default, for ever
 */
public record OutagePolicy(
        boolean enabled, Duration grace, @Nullable Duration maxAge) {

    /** Rejects a negative grace, and an age that is not above zero. */
    public OutagePolicy {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
        if (maxAge != null && (maxAge.isNegative() || maxAge.isZero())) {
            throw new IllegalArgumentException("maxAge: " + maxAge + " (expected: above zero, or null for ever)");
        }
    }

    /** Suspects are held for 60 s. */
    public static OutagePolicy defaults() {
        return new OutagePolicy(true, Duration.ofSeconds(60), null);
    }

    /** Every list is believed at once. */
    public static OutagePolicy off() {
        return new OutagePolicy(false, Duration.ZERO, null);
    }

    /** This policy with another grace. */
    public OutagePolicy withGrace(Duration value) {
        return new OutagePolicy(enabled, value, maxAge);
    }

    /** This policy with an end to lists whose registry does not answer. Instances may well outlive their registry. */
    public OutagePolicy withMaxAge(Duration value) {
        return new OutagePolicy(enabled, grace, value);
    }
}
