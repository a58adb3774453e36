// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * A second attempt beside a first one that is slow (Dean and Barroso, "The Tail at Scale", 2013): after a delay an
 * idempotent call also goes to another instance, and the first usable answer wins. Within the service's retry budget and a
 * share of extra load of its own, and not at all while less than half of the budget is left: an outage is not a straggler.
 * Off unless asked for. An immutable value.
 *
 * <p>Not for services that are slow because they are busy: a hedge is more load.
 *
 * @param percentile of the service's recent latency after which it is sent, from 0.5 to 0.999; default 0.95
 * @param delay a fixed delay in its place, at least 1 ms; zero, the default, for the percentile
 * @param maxExtraLoad hedges per call at most, above 0 to 1; default 0.02; 0 when off
 */
public record Hedging(double percentile, Duration delay, double maxExtraLoad) {
    /** A hedge sooner than this is a second call and not an answer to slowness. */
    public static final Duration FLOOR = Duration.ofMillis(1);

    private static final Hedging DEFAULTS = new Hedging(0.95, Duration.ZERO, 0.02);
    private static final Hedging OFF = DEFAULTS.withMaxExtraLoad(0);

    /** Rejects what lies outside the ranges. */
    public Hedging {
        Option.require(percentile >= 0.5 && percentile <= 0.999, "hedging.percentile", percentile, "0.5..0.999");
        Option.require(
                delay.isZero() || delay.compareTo(FLOOR) >= 0,
                "hedging.delay",
                delay,
                "1 ms or more, or zero for the percentile");
        Option.require(maxExtraLoad >= 0 && maxExtraLoad <= 1, "hedging.maxExtraLoad", maxExtraLoad, "above 0, to 1");
    }

    /** After the 95th percentile of the service's recent latency, at least 1 ms, with at most 2 % extra load. */
    public static Hedging defaults() {
        return DEFAULTS;
    }

    /** No call gets a second attempt beside its first. */
    public static Hedging off() {
        return OFF;
    }

    /** This with another percentile, in place of a fixed delay. */
    public Hedging withPercentile(double value) {
        return new Hedging(value, Duration.ZERO, maxExtraLoad);
    }

    /** This with a fixed delay; zero for the percentile again. */
    public Hedging withDelay(Duration value) {
        return new Hedging(percentile, value, maxExtraLoad);
    }

    /** This with another bound for hedges per call. */
    public Hedging withMaxExtraLoad(double value) {
        return new Hedging(percentile, delay, value);
    }

    /** Whether nothing is hedged. */
    public boolean isOff() {
        return maxExtraLoad == 0;
    }

    /** As in {@code after percentile 0.95, at most 0.02 a call}. */
    @Override
    public String toString() {
        return isOff()
                ? "off"
                : "after " + (delay.isZero() ? "percentile " + percentile : delay) + ", at most " + maxExtraLoad
                        + " a call";
    }
}
