// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

/** Conversions between what scenarios are written in and what the kernel counts. Stateless. */
public final class Millis {
    private static final double NANOS = 1e6;

    private Millis() {}

    public static long toNanos(double millis) {
        return Math.round(millis * NANOS);
    }

    public static long secondsToNanos(double seconds) {
        return Math.round(seconds * 1e9);
    }

    public static double toSeconds(long nanos) {
        return nanos / 1e9;
    }
}
