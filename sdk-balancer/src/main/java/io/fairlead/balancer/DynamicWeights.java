// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.stage.Nanos;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

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
 *
 * @param bands each worse than the one before in latency, errors and factor; none when off. A value on the border of two
 *     belongs to the milder; the first border belongs to the first band. Default two, as above
 * @param window a second or more, in whole seconds; default 5 s
 * @param minSamples calls before an instance is judged, 1 or more; default 20. Windows add up.
 * @param hysteresis when a level moves
 * @param recovery how long a weight takes to grow when its level falls; default zero, at once
 * @param signal which figure of the window's successful calls is compared with the bands; default the mean. A quantile
 *     needs half a kilobyte more for each instance.
 */
public record DynamicWeights(
        List<Band> bands, Duration window, int minSamples, Hysteresis hysteresis, Duration recovery, Signal signal) {
    private static final DynamicWeights OFF =
            new DynamicWeights(List.of(), Duration.ofSeconds(5), 20, Hysteresis.defaults(), Duration.ZERO, Signal.MEAN);
    private static final DynamicWeights DEFAULTS =
            OFF.withBands(new Band(Duration.ofMillis(200), 0.05, 0.6), new Band(Duration.ofMillis(500), 0.10, 0.2));

    /** Copies the bands; rejects what lies outside the ranges, and a band that is no worse than the one before. */
    public DynamicWeights {
        bands = List.copyOf(bands);
        for (int i = 1; i < bands.size(); i++) {
            Option.require(
                    bands.get(i).isWorseThan(bands.get(i - 1)),
                    "dynamicWeights.bands",
                    bands.get(i) + " after " + bands.get(i - 1),
                    "more latency, more errors, a smaller factor");
        }
        Option.require(window.compareTo(Duration.ofSeconds(1)) >= 0, "dynamicWeights.window", window, "1 s or more");
        Option.require(minSamples >= 1, "dynamicWeights.minSamples", minSamples, "1 or more");
        Objects.requireNonNull(hysteresis, "hysteresis");
        Option.require(!recovery.isNegative(), "dynamicWeights.recovery", recovery, "zero or more");
        Objects.requireNonNull(signal, "signal");
    }

    /** Weights do not follow health. */
    public static DynamicWeights off() {
        return OFF;
    }

    /** The bands above, windows of 5 s with at least 20 calls. */
    public static DynamicWeights defaults() {
        return DEFAULTS;
    }

    /** These weights with other bands. */
    public DynamicWeights withBands(Band... values) {
        Option.require(values.length > 0, "dynamicWeights.bands", "none", "at least one, or DynamicWeights.off()");
        return new DynamicWeights(List.of(values), window, minSamples, hysteresis, recovery, signal);
    }

    /** These weights with another window. */
    public DynamicWeights withWindow(Duration value) {
        return new DynamicWeights(bands, value, minSamples, hysteresis, recovery, signal);
    }

    /** These weights with another number of calls before an instance is judged. */
    public DynamicWeights withMinSamples(int value) {
        return new DynamicWeights(bands, window, value, hysteresis, recovery, signal);
    }

    /** These weights with another hysteresis. */
    public DynamicWeights withHysteresis(Hysteresis value) {
        return new DynamicWeights(bands, window, minSamples, value, recovery, signal);
    }

    /** These weights with another time to recover. */
    public DynamicWeights withRecovery(Duration value) {
        return new DynamicWeights(bands, window, minSamples, hysteresis, value, signal);
    }

    /** These weights with another figure to compare. */
    public DynamicWeights withSignal(Signal value) {
        return new DynamicWeights(bands, window, minSamples, hysteresis, recovery, value);
    }

    /** Whether weights do not follow health. */
    public boolean isOff() {
        return bands.isEmpty();
    }

    /** What a level leaves of the registry's weight; level 0 leaves all of it. */
    public double factor(int level) {
        return level == 0 ? 1 : bands.get(level - 1).factor();
    }

    /** The level latency and errors ask for, without regard to anything else. */
    public int level(double latencyNanos, double errorRatio) {
        return Math.max(latencyLevel(latencyNanos), errorLevel(errorRatio));
    }

    /** The level a latency asks for; NaN asks for none. */
    public int latencyLevel(double latencyNanos) {
        int level = 0;
        while (level < bands.size()
                && isIn(latencyNanos, Nanos.of(bands.get(level).latency()), level)) {
            level++;
        }
        return level;
    }

    /** The level a ratio of errors asks for; NaN asks for none. */
    public int errorLevel(double errorRatio) {
        int level = 0;
        while (level < bands.size() && isIn(errorRatio, bands.get(level).errorRatio(), level)) {
            level++;
        }
        return level;
    }

    /** As in {@code [Band[…]] over PT5S, 20 calls, Hysteresis[…], recovery PT0S, MEAN}. */
    @Override
    public String toString() {
        return isOff()
                ? "off"
                : bands + " over " + window + ", " + minSamples + " calls, " + hysteresis + ", recovery " + recovery
                        + ", " + signal;
    }

    private static boolean isIn(double value, double border, int band) {
        return band == 0 ? value >= border : value > border;
    }

    /**
     * From where on an instance counts as worse, and what is left of its weight then. An immutable value.
     *
     * @param latency time to headers of successful calls ({@link Signal} says which figure of them), above zero
     * @param errorRatio share of calls that fail, above 0 to 1
     * @param factor what is left of the registry's weight, 0.05 to below 1
     */
    public record Band(Duration latency, double errorRatio, double factor) {
        /** However bad an instance, this much of its weight is left: what fails altogether is ejected, not starved. */
        static final double LEAST_FACTOR = 0.05;

        /** Rejects what lies outside the ranges. */
        public Band {
            Option.require(!latency.isNegative() && !latency.isZero(), "band.latency", latency, "above zero");
            Option.require(errorRatio > 0 && errorRatio <= 1, "band.errorRatio", errorRatio, "above 0, up to 1");
            Option.require(factor >= LEAST_FACTOR && factor < 1, "band.factor", factor, "0.05 to below 1");
        }

        boolean isWorseThan(Band milder) {
            return latency.compareTo(milder.latency) > 0 && errorRatio > milder.errorRatio && factor < milder.factor;
        }
    }

    /** Which figure of a window's latencies is compared with the bands. */
    public enum Signal {
        /** The mean, the default: what most services' dashboards show, and one long call in twenty moves it. */
        MEAN,
        /** The median: what the usual call takes, however long the longest do. */
        MEDIAN,
        /** What nine calls of ten stay below. */
        P90
    }

    /**
     * What keeps dynamic weights from swinging with every measurement. An immutable value.
     *
     * @param enterWindows windows in a row that must ask for a higher level before it rises by one; default 2
     * @param exitWindows windows in a row that must ask for a lower level before it falls by one; default 3
     * @param exitRatio a level is left when latency and errors are below this part of where it begins, above 0 to 1;
     *     default 0.75
     * @param smoothing weight of a window beside the average of those before, above 0 to 1; default 0.4
     * @param relativeGuard latency raises a level only when it is at least this many times the peers' median; 1 or more, or 0
     *     to compare with nobody; default 1.5
     * @param maxReducedRatio when more than this part of the instances would be reduced, slowness raises nobody's level: the
     *     shares would come out the same; above 0 to 1; default 0.5
     */
    public record Hysteresis(
            int enterWindows,
            int exitWindows,
            double exitRatio,
            double smoothing,
            double relativeGuard,
            double maxReducedRatio) {

        private static final Hysteresis DEFAULTS = new Hysteresis(2, 3, 0.75, 0.4, 1.5, 0.5);

        /** Rejects what lies outside the ranges. */
        public Hysteresis {
            Option.require(enterWindows >= 1, "hysteresis.enterWindows", enterWindows, "1 or more");
            Option.require(exitWindows >= 1, "hysteresis.exitWindows", exitWindows, "1 or more");
            requireRatio("hysteresis.exitRatio", exitRatio);
            requireRatio("hysteresis.smoothing", smoothing);
            requireRatio("hysteresis.maxReducedRatio", maxReducedRatio);
            Option.require(
                    relativeGuard == 0 || relativeGuard >= 1,
                    "hysteresis.relativeGuard",
                    relativeGuard,
                    "1 or more, or 0 for none");
        }

        /** Two windows up, three down at three quarters, 1.5 times the peers' median, at most half. */
        public static Hysteresis defaults() {
            return DEFAULTS;
        }

        /** This with another number of windows. */
        public Hysteresis withWindows(int enter, int exit) {
            return new Hysteresis(enter, exit, exitRatio, smoothing, relativeGuard, maxReducedRatio);
        }

        /** This with another ratio at which a level is left. */
        public Hysteresis withExitRatio(double value) {
            return new Hysteresis(enterWindows, exitWindows, value, smoothing, relativeGuard, maxReducedRatio);
        }

        /** This with another smoothing. */
        public Hysteresis withSmoothing(double value) {
            return new Hysteresis(enterWindows, exitWindows, exitRatio, value, relativeGuard, maxReducedRatio);
        }

        /** This with another guard; 0 for none. */
        public Hysteresis withRelativeGuard(double value) {
            return new Hysteresis(enterWindows, exitWindows, exitRatio, smoothing, value, maxReducedRatio);
        }

        /** This with another part of the instances that may be reduced. */
        public Hysteresis withMaxReducedRatio(double value) {
            return new Hysteresis(enterWindows, exitWindows, exitRatio, smoothing, relativeGuard, value);
        }

        private static void requireRatio(String name, double value) {
            Option.require(value > 0 && value <= 1, name, value, "above 0, up to 1");
        }
    }
}
