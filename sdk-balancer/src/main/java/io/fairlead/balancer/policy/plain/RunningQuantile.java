// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * An estimate of a quantile of a stream in one word: each value moves it up or down by a small step, in the proportion that
 * makes it rest at the quantile (stochastic approximation, Robbins and Monro 1951). Any thread; of two that meet one is
 * lost, which is harmless.
 */
final class RunningQuantile {
    private static final int LENGTH = 32;
    private static final int MIDDLE = 16;
    private static final double STEP = 0.05;

    private final double quantile;
    private final AtomicLongArray words = new AtomicLongArray(LENGTH);

    /** Starts at 0 and never goes below. */
    RunningQuantile(double quantile) {
        this.quantile = quantile;
    }

    double get() {
        return Double.longBitsToDouble(words.getOpaque(MIDDLE));
    }

    void see(double value) {
        double now = get();
        double step = STEP * Math.max(1, now);
        double next = value > now ? now + step * quantile : Math.max(0, now - step * (1 - quantile));
        words.setOpaque(MIDDLE, Double.doubleToRawLongBits(next));
    }
}
