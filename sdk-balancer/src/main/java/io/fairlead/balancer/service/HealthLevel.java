// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.stage.Nanos;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The dynamic level of one instance: what was measured since it was last judged, and how long the measurements have asked
 * for another level. Any thread adds latencies; the rest belongs to the service's updates.
 */
final class HealthLevel {
    private static final int IDLE_WINDOWS = 10;

    private volatile DynamicWeights options;
    private volatile WindowLatency latencies;
    private CallCounts since = CallCounts.NONE;
    private CallCounts before = CallCounts.NONE;
    private boolean ready;
    private double latency = Double.NaN;
    private double errors = Double.NaN;
    private volatile int level;
    private int higher;
    private int lower;
    private int idle;
    private double factorBefore = 1;
    private long changedNanos;

    HealthLevel(DynamicWeights options) {
        this.options = options;
        this.latencies = WindowLatency.of(options.signal());
    }

    /** Other options: the level stays, if there still is one like it. */
    void change(DynamicWeights next) {
        if (next.signal() != options.signal()) {
            latencies = WindowLatency.of(next.signal());
            latency = Double.NaN;
        }
        if (level > next.bands().size()) {
            level = next.bands().size();
            factorBefore = 1;
        }
        options = next;
    }

    /** A call succeeded. */
    void add(long nanos) {
        latencies.add(nanos);
    }

    /** Its number, 0 the best. */
    int now() {
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
    void skip(CallCounts now) {
        since = now;
        before = now;
        double unused = latencies.take();
        ready = false;
        higher = 0;
        lower = 0;
        idle = 0;
        latency = Double.NaN;
        errors = Double.NaN;
    }

    /** Ends a window: takes its figures in when there are enough. */
    void close(CallCounts now) {
        idle = now.equals(before) ? idle + 1 : 0;
        before = now;
        CallCounts window = now.since(since);
        ready = window.calls() >= options.minSamples();
        if (ready) {
            double taken = latencies.take();
            latency = Double.isNaN(taken) ? latency : smoothed(latency, taken);
            errors = smoothed(errors, window.errorRatio());
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

    /** The latencies of a window, of which one figure is wanted. Any thread adds; one at a time takes. */
    sealed interface WindowLatency {
        static WindowLatency of(DynamicWeights.Signal signal) {
            return switch (signal) {
                case MEAN -> new Mean();
                case MEDIAN -> new Quantile(0.5);
                case P90 -> new Quantile(0.9);
            };
        }

        void add(long nanos);

        /** The figure of what was added since the last time, in nanoseconds; NaN when nothing was. */
        double take();

        /** The mean: a sum and a count. */
        final class Mean implements WindowLatency {
            private final LongAdder sum = new LongAdder();
            private final LongAdder count = new LongAdder();
            private long sumBefore;
            private long countBefore;

            @Override
            public void add(long nanos) {
                sum.add(nanos);
                count.increment();
            }

            @Override
            public double take() {
                long countNow = count.sum();
                long sumNow = sum.sum();
                double mean =
                        countNow == countBefore ? Double.NaN : (double) (sumNow - sumBefore) / (countNow - countBefore);
                sumBefore = sumNow;
                countBefore = countNow;
                return mean;
            }
        }

        /**
         * A quantile, to within 5 %: counts in buckets of which eight lie between a latency and its double, from a millisecond
         * to a minute.
         */
        final class Quantile implements WindowLatency {
            private static final int PER_DOUBLING = 8;
            private static final int DOUBLINGS = 16;
            private static final double LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
            private static final double LN_2 = Math.log(2);

            private final AtomicIntegerArray counts = new AtomicIntegerArray(DOUBLINGS * PER_DOUBLING);
            private final double quantile;

            Quantile(double quantile) {
                this.quantile = quantile;
            }

            @Override
            public void add(long nanos) {
                double doublings = Math.log(Math.max(1, nanos / LEAST_NANOS)) / LN_2;
                counts.incrementAndGet(Math.min(counts.length() - 1, (int) (doublings * PER_DOUBLING)));
            }

            @Override
            public double take() {
                int[] taken = new int[counts.length()];
                int sum = 0;
                for (int i = 0; i < taken.length; i++) {
                    taken[i] = counts.getAndSet(i, 0);
                    sum += taken[i];
                }
                int rank = (int) Math.ceil(quantile * sum);
                for (int i = 0; i < taken.length; i++) {
                    rank -= taken[i];
                    if (sum > 0 && rank <= 0) {
                        return LEAST_NANOS * Math.pow(2, (i + 0.5) / PER_DOUBLING);
                    }
                }
                return Double.NaN;
            }
        }
    }
}
