// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * What to do with a list that lacks instances which may still live. On by default. Serving the last list while the
 * registry is down needs no rule: a dead registry sends no list, and the last one has no expiry.
 *
 * <p>A removal is suspect when the list is the first after an interruption, or when more than half of the instances, at
 * least two, vanish at once. What it removed is held: it stays in use until the registry lists it again, or another instance
 * at its address, until the grace is over, or until every held instance refuses connections. A removal after an observed
 * drain is never suspect. An ordinary removal on an unbroken watch applies at once, also the last instance's.
 *
 * @param grace how long instances are held; default 60 s; zero when off
 * @param maxAge how long a list is served while its registry does not answer; default {@link #FOR_EVER}
 */
public record OutagePolicy(Duration grace, Duration maxAge) {
    /** An age that no list reaches. */
    public static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();

    private static final OutagePolicy DEFAULTS = new OutagePolicy(Duration.ofSeconds(60), FOR_EVER);
    private static final OutagePolicy OFF = new OutagePolicy(Duration.ZERO, FOR_EVER);

    /** Rejects a negative grace, and an age that is not above zero. */
    public OutagePolicy {
        Option.require(!grace.isNegative(), "outagePolicy.grace", grace, "zero or more");
        Option.require(
                !maxAge.isNegative() && !maxAge.isZero(),
                "outagePolicy.maxAge",
                maxAge,
                "above zero, or OutagePolicy.FOR_EVER");
    }

    /** Instances that a suspect list lacks are held for 60 s. */
    public static OutagePolicy defaults() {
        return DEFAULTS;
    }

    /** Every list is believed at once. */
    public static OutagePolicy off() {
        return OFF;
    }

    /** This policy with another grace. */
    public OutagePolicy withGrace(Duration value) {
        return new OutagePolicy(value, maxAge);
    }

    /** This policy with an end to lists whose registry does not answer. Instances may well outlive their registry. */
    public OutagePolicy withMaxAge(Duration value) {
        return new OutagePolicy(grace, value);
    }

    /** Whether every list is believed at once. */
    public boolean isOff() {
        return grace.isZero();
    }

    /** As in {@code grace PT1M, max age PT1H}. */
    @Override
    public String toString() {
        String held = isOff() ? "off" : "grace " + grace;
        return maxAge.equals(FOR_EVER) ? held : held + ", max age " + maxAge;
    }
}
