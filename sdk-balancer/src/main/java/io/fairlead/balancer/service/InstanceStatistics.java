// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Candidate;

/**
 * What attempts taught of one instance: latency, success, and the load it reports. Any thread reads and reports.
 */
abstract class InstanceStatistics extends HotWordsEnd implements Candidate {
    private static final double FALL_NANOS = 10e9;
    private static final double SUCCESS_STEP = 0.2;
    private static final float SUCCESS_AFTER_EJECTION = 0.9f;
    private static final long REPORT_LASTS_NANOS = 1_000_000_000;

    final Shared shared;
    private final HealthLevel level;
    private volatile long report = LoadReport.NOTHING;
    private volatile long reportedNanos;
    private volatile int inFlightThen;

    InstanceStatistics(ServiceInstance instance, Shared shared) {
        super(instance, shared);
        this.shared = shared;
        this.level = new HealthLevel(shared.dynamicWeights(), this);
    }

    @Override
    public int inFlight() {
        return inFlightNow();
    }

    @Override
    public long latencyNanos(long nowNanos) {
        long word = latencyWord();
        float micros = peaks ? fallen(word, nowNanos) : LatencyEstimate.micros(word, peers, nowNanos);
        return (long) (micros * 1_000);
    }

    private static float fallen(long word, long nowNanos) {
        return word == MovingAverage.UNKNOWN ? 0 : MovingAverage.drifted(word, 0, FALL_NANOS, nowNanos);
    }

    @Override
    public double latencyVariance(long nowNanos) {
        return peaks ? 0 : LatencyEstimate.variance(latencyWord(), nowNanos);
    }

    @Override
    public long silentNanos(long nowNanos) {
        long word = latencyWord();
        return word == LatencyEstimate.UNKNOWN || peaks ? Long.MAX_VALUE : LatencyEstimate.ageNanos(word, nowNanos);
    }

    @Override
    public double successRatio(long nowNanos) {
        long word = successWord();
        return word == MovingAverage.UNKNOWN ? 1 : MovingAverage.drifted(word, 1, FALL_NANOS, nowNanos);
    }

    @Override
    public boolean lastSucceeded() {
        return !failedLast;
    }

    @Override
    public long oldestNanos(long nowNanos) {
        return waitedNanos(nowNanos);
    }

    @Override
    public int reportedInFlight(long nowNanos) {
        long word = report;
        int said = LoadReport.inFlight(word);
        return said < 0 || isReportOld(nowNanos) ? -1 : Math.max(0, said + inFlightNow() - inFlightThen);
    }

    @Override
    public double reportedUtilization(long nowNanos) {
        return isReportOld(nowNanos) ? -1 : LoadReport.utilization(report);
    }

    private boolean isReportOld(long nowNanos) {
        return nowNanos - reportedNanos > REPORT_LASTS_NANOS;
    }

    /** An attempt was given up unanswered: a lower bound, which counts when it is above what is known. */
    void wouldTakeLongerThan(long startNanos, long nowNanos) {
        float micros = (nowNanos - startNanos) / 1_000f;
        long before = latencyWord();
        if (peaks) {
            if (before != MovingAverage.UNKNOWN && micros > MovingAverage.value(before)) {
                offerLatency(before, MovingAverage.of(micros, nowNanos));
            }
        } else if (before != LatencyEstimate.UNKNOWN) {
            double surprise = LatencyEstimate.surprise(before, micros, peers, nowNanos);
            if (surprise > 0) {
                offerLatency(before, LatencyEstimate.with(before, surprise, peers, nowNanos));
            }
        }
    }

    /** The instance said how loaded it is. */
    void reported(long word, long nowNanos) {
        if (word != LoadReport.NOTHING) {
            report = word;
            inFlightThen = inFlightNow();
            reportedNanos = nowNanos;
        }
    }

    /** An attempt that was not ignored ended. */
    final void learn(Outcome outcome, long latencyNanos, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            if (hasLevel) {
                level.add(latencyNanos);
            }
            took(Math.max(0.001f, latencyNanos / 1_000f), nowNanos);
        }
        boolean failed = outcome != Outcome.SUCCESS;
        if (failedLast != failed) {
            failedLast = failed;
        }
        long success = successWord();
        if (success != MovingAverage.UNKNOWN || outcome != Outcome.SUCCESS) {
            long known = success == MovingAverage.UNKNOWN ? MovingAverage.of(1, nowNanos) : success;
            float sample = outcome == Outcome.SUCCESS ? 1 : 0;
            offerSuccess(success, MovingAverage.with(known, sample, FALL_NANOS, SUCCESS_STEP, nowNanos));
        }
    }

    private void took(float micros, long nowNanos) {
        long before = latencyWord();
        if (peaks) {
            offerLatency(
                    before,
                    before == MovingAverage.UNKNOWN
                            ? MovingAverage.of(micros, nowNanos)
                            : MovingAverage.peak(before, micros, FALL_NANOS, nowNanos));
            return;
        }
        if (LatencyEstimate.isFresh(before, peers, nowNanos)) {
            return;
        }
        if (before == LatencyEstimate.UNKNOWN && peers.micros() == 0) {
            offerLatency(before, LatencyEstimate.of(micros, peers.spread(), nowNanos));
            return;
        }
        double surprise = LatencyEstimate.surprise(before, micros, peers, nowNanos);
        peers.learn(succeededSoFar(), surprise, LatencyEstimate.variance(before, nowNanos));
        offerLatency(before, LatencyEstimate.with(before, surprise, peers, nowNanos));
    }

    /** Back from ejection: it must not be judged twice for the same failures. */
    final void forgive(long nowNanos) {
        float usual = peers.micros();
        float own = ownMicros();
        float fair = usual > 0 && own > 0 ? Math.max(usual, Math.min(own, 3 * usual)) : Math.max(usual, own);
        setAverages(known(fair, nowNanos), MovingAverage.of(SUCCESS_AFTER_EJECTION, nowNanos));
        failedLast = false;
    }

    HealthLevel level() {
        return level;
    }

    private long known(float micros, long nowNanos) {
        if (micros == 0) {
            return LatencyEstimate.UNKNOWN;
        }
        return peaks
                ? MovingAverage.of(micros, nowNanos)
                : LatencyEstimate.of(micros, LatencyEstimate.PRIOR / 2, nowNanos);
    }

    /** Latency known from own samples, in microseconds, or 0. */
    float ownMicros() {
        long word = latencyWord();
        if (word == LatencyEstimate.UNKNOWN) {
            return 0;
        }
        return peaks ? MovingAverage.value(word) : LatencyEstimate.micros(word);
    }
}
