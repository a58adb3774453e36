// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.spi.LatencyMemory;

/**
 * How the latencies of a service's instances are learned, as its policy wants them: an estimate with its uncertainty, or a
 * decaying peak. One for the service; what is known of an instance is a word of its own. Safe for any thread.
 */
final class LatencyModel {
    private static final double FALL_NANOS = 10e9;
    private static final float LEAST_MICROS = 0.001f;
    /** A word of either kind that says nothing. */
    static final long UNKNOWN = LatencyEstimate.UNKNOWN;

    private final boolean peaks;
    private final LatencyEstimate.Peers peers;

    LatencyModel(LatencyMemory memory, LatencyEstimate.Peers peers) {
        this.peaks = memory == LatencyMemory.PEAK;
        this.peers = peers;
    }

    /** Whether it remembers latencies in this way. */
    boolean isFor(LatencyMemory memory) {
        return peaks == (memory == LatencyMemory.PEAK);
    }

    /** The latency a word says, in nanoseconds; 0 when nothing is known. */
    long nanos(long word, long nowNanos) {
        float micros = peaks ? fallen(word, nowNanos) : LatencyEstimate.micros(word, peers, nowNanos);
        return (long) (micros * 1_000);
    }

    private static float fallen(long word, long nowNanos) {
        return word == UNKNOWN ? 0 : MovingAverage.drifted(word, 0, FALL_NANOS, nowNanos);
    }

    /** How uncertain the logarithm of that latency is; 0 of a peak. */
    double variance(long word, long nowNanos) {
        return peaks ? 0 : LatencyEstimate.variance(word, nowNanos);
    }

    /** Nanoseconds since the last sample; {@link Long#MAX_VALUE} when nobody knows. */
    long silentNanos(long word, long nowNanos) {
        return word == UNKNOWN || peaks ? Long.MAX_VALUE : LatencyEstimate.ageNanos(word, nowNanos);
    }

    /** In microseconds, from the instance's own samples alone; 0 when it has none. */
    float ownMicros(long word) {
        if (word == UNKNOWN) {
            return 0;
        }
        return peaks ? MovingAverage.value(word) : LatencyEstimate.micros(word);
    }

    /** A success took so long. */
    void learn(InstanceWords words, long latencyNanos, long nowNanos) {
        float micros = Math.max(LEAST_MICROS, latencyNanos / 1_000f);
        long before = words.latencyWord();
        if (peaks) {
            words.offerLatency(
                    before,
                    before == UNKNOWN
                            ? MovingAverage.of(micros, nowNanos)
                            : MovingAverage.peak(before, micros, FALL_NANOS, nowNanos));
        } else if (before == UNKNOWN && peers.micros() == 0) {
            words.offerLatency(before, LatencyEstimate.of(micros, peers.spread(), nowNanos));
        } else if (!LatencyEstimate.isFresh(before, peers, nowNanos)) {
            double surprise = LatencyEstimate.surprise(before, micros, peers, nowNanos);
            peers.learn(words.successes(), surprise, LatencyEstimate.variance(before, nowNanos));
            words.offerLatency(before, LatencyEstimate.with(before, surprise, peers, nowNanos));
        }
    }

    /** An attempt was given up unanswered after so long: a lower bound, which counts when it is above what is known. */
    void learnAtLeast(InstanceWords words, long nanos, long nowNanos) {
        float micros = nanos / 1_000f;
        long before = words.latencyWord();
        if (before == UNKNOWN) {
            return;
        }
        if (peaks) {
            if (micros > MovingAverage.value(before)) {
                words.offerLatency(before, MovingAverage.of(micros, nowNanos));
            }
            return;
        }
        double surprise = LatencyEstimate.surprise(before, micros, peers, nowNanos);
        if (surprise > 0) {
            words.offerLatency(before, LatencyEstimate.with(before, surprise, peers, nowNanos));
        }
    }

    /** What another model knew, in a word of this one. */
    long translated(LatencyModel other, long word, long nowNanos) {
        float micros = other.ownMicros(word);
        if (peaks == other.peaks || micros == 0) {
            return micros == 0 ? UNKNOWN : word;
        }
        return peaks
                ? MovingAverage.of(micros, nowNanos)
                : LatencyEstimate.of(micros, LatencyEstimate.PRIOR / 2, nowNanos);
    }

    /** The estimate that an instance starts with when it is back from ejection: nearer to its peers than its own was. */
    long forgiven(long word, long nowNanos) {
        float usual = peers.micros();
        float own = ownMicros(word);
        float fair = usual > 0 && own > 0 ? Math.max(usual, Math.min(own, 3 * usual)) : Math.max(usual, own);
        if (fair == 0) {
            return UNKNOWN;
        }
        return peaks ? MovingAverage.of(fair, nowNanos) : LatencyEstimate.of(fair, LatencyEstimate.PRIOR / 2, nowNanos);
    }
}
