// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * How the weight of an instance grows while it is new, or back from ejection: {@code max(floor, (age / length) ^
 * (1 / aggression))} of what it would be (Envoy's slow start). Nobody is held back in a service's first list, and while
 * more than half of the instances are new only the difference in age counts. An immutable value.
 *
 * @param length how long a new instance's weight grows; default 30 s, zero for never
 * @param afterEjection how long the weight of one that was ejected grows; default 10 s, zero for never
 * @param aggression above 0; 1, the default, grows evenly, more grows faster at the start, less at the end
 * @param floor least share of the weight, above 0 to 1; default 0.1
 */
public record SlowStart(Duration length, Duration afterEjection, double aggression, double floor) {

    private static final SlowStart DEFAULTS = new SlowStart(Duration.ofSeconds(30), Duration.ofSeconds(10), 1, 0.1);
    private static final SlowStart OFF = new SlowStart(Duration.ZERO, Duration.ZERO, 1, 0.1);

    /** Rejects negative durations, an aggression of 0 or less, and a floor outside (0, 1]. */
    public SlowStart {
        Option.require(!length.isNegative(), "slowStart.length", length, "zero or more");
        Option.require(!afterEjection.isNegative(), "slowStart.afterEjection", afterEjection, "zero or more");
        Option.require(
                aggression > 0 && aggression < Double.POSITIVE_INFINITY, "slowStart.aggression", aggression, "above 0");
        Option.require(floor > 0 && floor <= 1, "slowStart.floor", floor, "above 0, up to 1");
    }

    /** 30 s for a new instance, 10 s after ejection, evenly, from a tenth. */
    public static SlowStart defaults() {
        return DEFAULTS;
    }

    /** Every instance has its whole weight at once. */
    public static SlowStart off() {
        return OFF;
    }

    /** The defaults with another length for new instances; zero switches slow start off altogether. */
    public static SlowStart of(Duration length) {
        return length.isZero() ? off() : defaults().withLength(length);
    }

    /** This with another length for new instances. */
    public SlowStart withLength(Duration value) {
        return new SlowStart(value, afterEjection, aggression, floor);
    }

    /** This with another length after ejection. */
    public SlowStart withAfterEjection(Duration value) {
        return new SlowStart(length, value, aggression, floor);
    }

    /** This with another curve. */
    public SlowStart withAggression(double value) {
        return new SlowStart(length, afterEjection, value, floor);
    }

    /** This with another floor. */
    public SlowStart withFloor(double value) {
        return new SlowStart(length, afterEjection, aggression, value);
    }

    /** Whether no weight ever grows. */
    public boolean isOff() {
        return length.isZero() && afterEjection.isZero();
    }

    /** The share of its weight an instance has at an age; 1 once it is over. */
    public double factor(long ageNanos, long lengthNanos) {
        if (lengthNanos <= 0 || ageNanos >= lengthNanos) {
            return 1;
        }
        double passed = Math.max(0, ageNanos) / (double) lengthNanos;
        return Math.max(floor, aggression == 1 ? passed : Math.pow(passed, 1 / aggression));
    }

    /** As in {@code PT30S, PT10S after ejection, aggression 1.0, from 0.1}. */
    @Override
    public String toString() {
        return isOff()
                ? "off"
                : length + ", " + afterEjection + " after ejection, aggression " + aggression + ", from " + floor;
    }
}
