// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.stage.Nanos;
import java.time.Duration;
import java.util.List;

/**
 * Weights that follow health, in levels an operator can see: an instance in its normal state keeps its weight, one at
 * 200 to 500 ms or with 5 to 10 % errors has 0.6 of it, a worse one 0.2; one that fails altogether is ejected, which is no
 * level. Off by default: {@code adaptive} and {@code least_request} correct themselves call by call. Of use where levels
 * should be seen, and with policies that hash. Not with {@code random} or round robins, which is told at start-up:
 * shares that follow the weights without feedback swing. Tables of policies that hash are made of the registry's weights
 * and stay as they are when a level moves; their bound on load follows the level. An immutable value.
 *
 * <p>Every window the figures of an instance are smoothed and compared with the bands; {@link Hysteresis} decides when a
 * level moves, one step at a time. An instance that is warming up, ejected or unusable keeps its level and is no measure
 * for others; one without calls for ten windows falls back by one level. (Absolute bands with hysteresis are LinkedIn's
 * older degrader; the comparison with peers its newer one.)
 */
public final class DynamicWeights {
    private static final Duration LEAST_WINDOW = Duration.ofSeconds(1);
    private static final List<HealthBand> BANDS = List.of(
            new HealthBand(Duration.ofMillis(200), 0.05, 0.6), new HealthBand(Duration.ofMillis(500), 0.10, 0.2));

    private final boolean enabled;
    private final List<HealthBand> bands;
    private final Duration window;
    private final int minSamples;
    private final Hysteresis hysteresis;
    private final Duration recovery;
    private final LatencySignal signal;

    private DynamicWeights(
            boolean enabled,
            List<HealthBand> bands,
            Duration window,
            int minSamples,
            Hysteresis hysteresis,
            Duration recovery,
            LatencySignal signal) {
        this.enabled = enabled;
        this.bands = bands;
        this.window = window;
        this.minSamples = minSamples;
        this.hysteresis = hysteresis;
        this.recovery = recovery;
        this.signal = signal;
    }

    /** Weights do not follow health. */
    public static DynamicWeights off() {
        return new DynamicWeights(
                false, BANDS, Duration.ofSeconds(5), 20, Hysteresis.defaults(), Duration.ZERO, LatencySignal.MEAN);
    }

    /** The bands above, windows of 5 s with at least 20 calls. */
    public static DynamicWeights defaults() {
        return new DynamicWeights(
                true, BANDS, Duration.ofSeconds(5), 20, Hysteresis.defaults(), Duration.ZERO, LatencySignal.MEAN);
    }

    /**
     * These weights with other bands, each worse than the one before in latency, errors and factor. A value on the border
     * of two bands belongs to the milder; the first border belongs to the first band.
     */
    public DynamicWeights withBands(HealthBand... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("bands: none (expected: at least one)");
        }
        for (int i = 1; i < values.length; i++) {
            HealthBand milder = values[i - 1];
            if (values[i].latency().compareTo(milder.latency()) <= 0
                    || values[i].errorRatio() <= milder.errorRatio()
                    || values[i].factor() >= milder.factor()) {
                throw new IllegalArgumentException("bands: " + values[i] + " after " + milder
                        + " (expected: more latency, more errors, a smaller factor)");
            }
        }
        return new DynamicWeights(enabled, List.of(values), window, minSamples, hysteresis, recovery, signal);
    }

    /** These weights with another window, a second or more in whole seconds; default 5 s. */
    public DynamicWeights withWindow(Duration value) {
        if (value.compareTo(LEAST_WINDOW) < 0) {
            throw new IllegalArgumentException("dynamicWeights.window: " + value + " (expected: 1 s or more)");
        }
        return new DynamicWeights(enabled, bands, value, minSamples, hysteresis, recovery, signal);
    }

    /** These weights with another number of calls before an instance is judged, 1 or more; default 20. Windows add up. */
    public DynamicWeights withMinSamples(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("dynamicWeights.minSamples: " + value + " (expected: 1 or more)");
        }
        return new DynamicWeights(enabled, bands, window, value, hysteresis, recovery, signal);
    }

    /** These weights with another hysteresis. */
    public DynamicWeights withHysteresis(Hysteresis value) {
        return new DynamicWeights(enabled, bands, window, minSamples, value, recovery, signal);
    }

    /** How long a weight takes to grow when its level falls; default zero, at once. */
    public DynamicWeights withRecovery(Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("dynamicWeights.recovery: " + value + " (expected: zero or more)");
        }
        return new DynamicWeights(enabled, bands, window, minSamples, hysteresis, value, signal);
    }

    /**
     * Which figure of the window's successful calls is compared with the bands; default the mean. A quantile needs half a
     * kilobyte more for each instance.
     */
    public DynamicWeights withSignal(LatencySignal value) {
        return new DynamicWeights(enabled, bands, window, minSamples, hysteresis, recovery, value);
    }

    public boolean enabled() {
        return enabled;
    }

    public long windowNanos() {
        return Nanos.of(window);
    }

    public int minSamples() {
        return minSamples;
    }

    public Hysteresis hysteresis() {
        return hysteresis;
    }

    public LatencySignal signal() {
        return signal;
    }

    public long recoveryNanos() {
        return Nanos.of(recovery);
    }

    /** What a level leaves of the registry's weight. */
    public double factor(int level) {
        return level == 0 ? 1 : bands.get(level - 1).factor();
    }

    /** The level latency and errors ask for, without regard to anything else. */
    public int level(double latencyNanos, double errorRatio) {
        return Math.max(latencyLevel(latencyNanos), errorLevel(errorRatio));
    }

    public int latencyLevel(double latencyNanos) {
        int level = 0;
        while (level < bands.size()
                && isIn(latencyNanos, Nanos.of(bands.get(level).latency()), level)) {
            level++;
        }
        return level;
    }

    public int errorLevel(double errorRatio) {
        int level = 0;
        while (level < bands.size() && isIn(errorRatio, bands.get(level).errorRatio(), level)) {
            level++;
        }
        return level;
    }

    private static boolean isIn(double value, double border, int band) {
        return band == 0 ? value >= border : value > border;
    }
}
