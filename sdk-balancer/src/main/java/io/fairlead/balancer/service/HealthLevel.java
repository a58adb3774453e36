// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.stage.Nanos;
import java.util.Locale;

/**
 * The dynamic level of one instance: what was measured since it was last judged, and how long the measurements have asked
 * for another level. Any thread adds latencies; the rest is belongs to the service's updates.
 */
final class HealthLevel {
    private static final int IDLE_WINDOWS = 10;

    private final DynamicWeights options;
    private final RareWords words;
    private final WindowLatency latencies;
    private Reading since = new Reading(0, 0);
    private long callsBefore;
    private boolean ready;
    private double latency = Double.NaN;
    private double errors = Double.NaN;
    private volatile int level;
    private int higher;
    private int lower;
    private int idle;
    private double factorBefore = 1;
    private long changedNanos;

    private record Reading(long succeeded, long failed) {}

    HealthLevel(DynamicWeights options, RareWords words) {
        this.options = options;
        this.words = words;
        this.latencies = WindowLatency.of(options.signal());
    }

    /** A call succeeded. */
    void add(long nanos) {
        latencies.add(nanos);
    }

    int level() {
        return level;
    }

    /** What the level leaves of the weight at a moment. */
    double factor(long nowNanos) {
        double target = options.factor(level);
        long recovery = Nanos.of(options.recovery());
        long age = nowNanos - changedNanos;
        return factorBefore >= target || age >= recovery
                ? target
                : factorBefore + (target - factorBefore) * age / recovery;
    }

    /** What was counted says nothing: the instance is warming up, or out. The level stays. */
    void skip() {
        since = read();
        double unused = latencies.take();
        callsBefore = since.succeeded + since.failed;
        ready = false;
        higher = 0;
        lower = 0;
        idle = 0;
        latency = Double.NaN;
        errors = Double.NaN;
    }

    /** Ends a window: takes its figures in when there are enough. */
    void close() {
        Reading now = read();
        idle = now.succeeded + now.failed == callsBefore ? idle + 1 : 0;
        callsBefore = now.succeeded + now.failed;
        long succeeded = now.succeeded - since.succeeded;
        long calls = succeeded + now.failed - since.failed;
        ready = calls >= options.minSamples();
        if (ready) {
            double taken = latencies.take();
            latency = Double.isNaN(taken) ? latency : smoothed(latency, taken);
            errors = smoothed(errors, (double) (calls - succeeded) / calls);
            since = now;
        }
    }

    /** The wanted figure of its latency, smoothed; NaN while nothing is known. */
    double latencyNanos() {
        return latency;
    }

    /** The level its errors ask for. */
    int errorLevel() {
        return options.errorLevel(errors);
    }

    /** The level its latency asks for. */
    int latencyLevel() {
        return options.latencyLevel(latency);
    }

    /** Moves by one level when enough windows in a row asked for it; true when it moved. */
    boolean move(int wanted, long nowNanos) {
        if (!ready) {
            return idle >= IDLE_WINDOWS && level > 0 && forget(nowNanos);
        }
        double exit = options.hysteresis().exitRatio();
        boolean up = wanted > level;
        boolean down = !up && options.level(latency / exit, errors / exit) < level;
        higher = up ? higher + 1 : 0;
        lower = down ? lower + 1 : 0;
        if (higher >= options.hysteresis().enterWindows()) {
            return set(level + 1, nowNanos);
        }
        return lower >= options.hysteresis().exitWindows() && set(level - 1, nowNanos);
    }

    /** What was seen, for people. */
    String evidence() {
        String shown = Double.isNaN(latency) ? "no latency" : String.format(Locale.ROOT, "%.0f ms", latency / 1e6);
        return Double.isNaN(errors) ? "no calls" : shown + String.format(Locale.ROOT, ", %.1f %% errors", 100 * errors);
    }

    /** No calls for long: what is remembered of it is old. */
    private boolean forget(long nowNanos) {
        idle = 0;
        latency = Double.NaN;
        errors = Double.NaN;
        return set(level - 1, nowNanos);
    }

    private boolean set(int next, long nowNanos) {
        factorBefore = factor(nowNanos);
        changedNanos = nowNanos;
        level = next;
        higher = 0;
        lower = 0;
        return true;
    }

    private double smoothed(double before, double sample) {
        return Double.isNaN(before)
                ? sample
                : before + (sample - before) * options.hysteresis().smoothing();
    }

    private Reading read() {
        return new Reading(words.succeededSoFar(), words.failedSoFar());
    }
}
