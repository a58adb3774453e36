// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A second attempt beside a first one that is slow (Dean and Barroso, "The Tail at Scale", 2013): after a delay an
 * idempotent call also goes to another instance, and the first usable answer wins. Within the service's retry budget and a
 * share of extra load of its own, and not at all while less than half of the budget is left: an outage is not a straggler.
 * Off unless asked for. An immutable value, safe for any thread.
 *
 * <p>Not for services that are slow because they are busy: a hedge is more load.
 */
public final class Hedging {
    private static final Duration FLOOR = Duration.ofMillis(1);

    private final double percentile;
    private final @Nullable Duration delay;
    private final double maxExtraLoad;

    private Hedging(double percentile, @Nullable Duration delay, double maxExtraLoad) {
        this.percentile = percentile;
        this.delay = delay;
        this.maxExtraLoad = maxExtraLoad;
    }

    /** After the 95th percentile of the service's recent latency, at least 1 ms, with at most 2 % extra load. */
    public static Hedging defaults() {
        return new Hedging(0.95, null, 0.02);
    }

    /** These settings with another percentile, from 0.5 to 0.999; default 0.95. */
    public Hedging atPercentile(double value) {
        if (!(value >= 0.5 && value <= 0.999)) {
            throw new IllegalArgumentException("hedging percentile: " + value + " (expected: 0.5..0.999)");
        }
        return new Hedging(value, null, maxExtraLoad);
    }

    /** These settings with a fixed delay, at least 1 ms, instead of a percentile. */
    public Hedging after(Duration value) {
        if (value.compareTo(FLOOR) < 0) {
            throw new IllegalArgumentException("hedging delay: " + value + " (expected: 1 ms or more)");
        }
        return new Hedging(percentile, value, maxExtraLoad);
    }

    /** These settings with another bound for hedges per call, above 0 to 1; default 0.02. */
    public Hedging withMaxExtraLoad(double ratio) {
        if (!(ratio > 0 && ratio <= 1)) {
            throw new IllegalArgumentException("hedging extra load: " + ratio + " (expected: above 0, to 1)");
        }
        return new Hedging(percentile, delay, ratio);
    }

    public double percentile() {
        return percentile;
    }

    @Nullable
    public Duration delay() {
        return delay;
    }

    public double maxExtraLoad() {
        return maxExtraLoad;
    }

    public Duration floor() {
        return Objects.requireNonNullElse(delay, FLOOR);
    }
}
