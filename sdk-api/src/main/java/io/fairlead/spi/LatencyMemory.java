// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

/** How an instance's latencies become the one figure a policy reads ({@link Candidate#latencyNanos}). */
public enum LatencyMemory {
    /**
     * The geometric mean, with how uncertain it is ({@link Candidate#latencyVariance}): the more, the more a sample counts.
     * Without samples it goes over to the peers' median in twenty seconds, and an instance without history is taken for that
     * median. Once it is well known, one sample in about two milliseconds counts.
     */
    ESTIMATE,

    /**
     * A slower sample replaces the figure at once; faster ones, and time without samples, let it fall with a mean life of
     * 10 s, towards 0 (Finagle's Peak EWMA). An instance without history has none: 0.
     */
    PEAK
}
