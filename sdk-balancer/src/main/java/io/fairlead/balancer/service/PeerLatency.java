// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.stream.DoubleStream;

/**
 * What is known of the latencies of a service's instances together: the median of their means, which a newcomer is taken
 * for, and how far single latencies scatter. Any thread reads.
 */
final class PeerLatency {
    /** Of a service of which nothing is known: σ of the logarithm of 0.7. */
    private static final float FIRST_SPREAD = 0.5f;

    private static final float LEAST_SPREAD = 0.01f;
    private static final float MOST_SPREAD = 4;
    /** Every eighth sample of an instance is taken, with a memory of 64 such. */
    private static final int EACH = 8;

    private static final float GAIN = 1 / 64f;
    /** What three standard deviations away is counts as three, or one hanging call would blind us to all others. */
    private static final float MOST_SURPRISES = 9;

    private volatile float micros;
    private volatile float spread = FIRST_SPREAD;

    /** In microseconds; 0 while nothing is known. */
    float micros() {
        return micros;
    }

    /** The variance of the logarithm of single latencies of one instance. */
    float spread() {
        return spread;
    }

    /**
     * Learns from how much a latency differed from what was expected.
     *
     * @param count how many the instance has had
     * @param variance how uncertain the expectation was
     */
    void learn(long count, double surprise, float variance) {
        if (count % EACH != 0) {
            return;
        }
        float before = spread;
        double expected = before + variance;
        double seen = Math.min(surprise * surprise, MOST_SURPRISES * expected);
        // A sample lost to another thread's is harmless.
        spread = (float) Math.max(LEAST_SPREAD, Math.min(MOST_SPREAD, before + (seen - expected) * GAIN));
    }

    /** Takes the median of the means known, in microseconds; 0 stands for one that is not. */
    void refresh(DoubleStream means) {
        double[] known = means.filter(value -> value > 0).sorted().toArray();
        micros = known.length == 0 ? 0 : (float) known[(known.length - 1) / 2];
    }
}
