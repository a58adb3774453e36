// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

/** How an instance's latencies become the one figure a policy reads ({@link Candidate#latencyNanos}). */
public enum LatencyMemory {
    /**
     * An exponentially weighted average that rises with a mean life of 1 s and falls with one of 10 s. Without samples it
     * drifts to the peers' median, and an instance without history is taken for that median.
     */
    ASYMMETRIC,

    /**
     * A slower sample replaces the figure at once; faster ones, and time without samples, let it fall with a mean life of
     * 10 s, towards 0 (Finagle's Peak EWMA). An instance without history has none: 0.
     */
    PEAK
}
