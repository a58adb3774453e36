// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.DynamicWeights;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/** The latencies of a window, of which one figure is wanted. Any thread adds; one at a time takes. */
sealed interface WindowLatency {
    /** An empty one. */
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
