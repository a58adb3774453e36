// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.LatencyMemory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Everything the balancer knows of one running copy: load, latency, success, guard, warm-up. Kept across lists, also for
 * a while after the copy left. Any thread reads and reports; only the service's update lock changes instance and warm-up.
 */
final class InstanceState extends HotWordsEnd implements Candidate {
    private static final double RISE_NANOS = 1e9;
    private static final double FALL_NANOS = 10e9;
    private static final double SUCCESS_STEP = 0.2;
    private static final float SUCCESS_AFTER_EJECTION = 0.9f;
    /** Stands for a permit when the guard was overruled: nothing is given back. */
    private static final Object OVERRULED = new Object();

    private static final long REPORT_LASTS_NANOS = 1_000_000_000;

    private final Shared shared;
    private final Environment environment;
    private final PeerMedian median;
    private final InstanceGuard.EjectionCap seat;
    private final InstanceGuard guard;
    private final AtomicLong failures = new AtomicLong();
    private volatile ServiceInstance instance;
    private volatile double effectiveWeight;
    private volatile boolean refusing;
    private volatile boolean suspect;
    private long heldSinceNanos; // guarded by the service's update lock
    private volatile Warmup warmup = Warmup.NONE;
    private volatile long report = LoadReport.NOTHING;
    private volatile long reportedNanos;
    private volatile int inFlightThen;

    /**
     * What the instances of one service have in common.
     *
     * @param inFlight attempts in flight on all of them, or null when nobody needs to know
     */
    record Shared(
            InstanceGuard.Factory guards,
            EjectionQuota quota,
            PeerMedian median,
            LatencyMemory memory,
            @Nullable LongAdder inFlight,
            Environment environment) {}

    InstanceState(ServiceInstance instance, Shared shared) {
        this.instance = instance;
        this.shared = shared;
        this.environment = shared.environment();
        this.median = shared.median();
        this.effectiveWeight = instance.weight();
        this.seat = shared.quota().capFor(this);
        this.guard = shared.guards().newGuard(instance, seat, environment);
    }

    @Override
    public ServiceInstance instance() {
        return instance;
    }

    @Override
    public double weight() {
        return effectiveWeight;
    }

    @Override
    public int inFlight() {
        return inFlightNow();
    }

    @Override
    public long latencyNanos(long nowNanos) {
        long word = latencyWord();
        float rest = shared.memory() == LatencyMemory.PEAK ? 0 : median.micros();
        float micros = word == MovingAverage.UNKNOWN ? rest : MovingAverage.drifted(word, rest, FALL_NANOS, nowNanos);
        return (long) (micros * 1_000);
    }

    @Override
    public double successRatio(long nowNanos) {
        long word = successWord();
        return word == MovingAverage.UNKNOWN ? 1 : MovingAverage.drifted(word, 1, FALL_NANOS, nowNanos);
    }

    @Override
    public long oldestNanos(long nowNanos) {
        return waitedNanos(nowNanos);
    }

    @Override
    public long serviceInFlight() {
        LongAdder counted = shared.inFlight();
        return counted == null ? -1 : counted.sum();
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

    @Override
    public boolean accepts(PickContext context, long nowNanos) {
        return guard.isAvailable(nowNanos) && !context.excludes(instance);
    }

    /** A permit for an attempt, which must follow, or null when the guard objects. */
    @Nullable
    Object tryStart(long nowNanos) {
        return guard.tryAcquire(nowNanos);
    }

    /** A permit whatever the guard says; its vote still counts when it gives one. */
    Object startRegardless(long nowNanos) {
        Object permit = tryStart(nowNanos);
        return permit == null ? OVERRULED : permit;
    }

    /** An attempt begins; returns what it must show when it completes. */
    int start(long nowNanos) {
        LongAdder counted = shared.inFlight();
        if (counted != null) {
            counted.increment();
        }
        return begin(nowNanos);
    }

    void complete(Attempt attempt, Object permit, int generation, Outcome outcome) {
        long nowNanos = environment.ticker().nanos();
        answered(generation, nowNanos);
        long latencyNanos = nowNanos - attempt.startNanos();
        if (permit != OVERRULED) {
            guard.release(permit, outcome, latencyNanos, nowNanos);
        }
        if (outcome != Outcome.IGNORED) {
            learn(outcome, latencyNanos, nowNanos);
        }
        environment.listener().onAttempt(attempt.instance(), attempt.number(), outcome, latencyNanos);
    }

    void end() {
        finish();
        LongAdder counted = shared.inFlight();
        if (counted != null) {
            counted.decrement();
        }
    }

    /** The instance said how loaded it is. */
    void reported(long word) {
        if (word != LoadReport.NOTHING) {
            report = word;
            inFlightThen = inFlightNow();
            reportedNanos = environment.ticker().nanos();
        }
    }

    private void learn(Outcome outcome, long latencyNanos, long nowNanos) {
        boolean refused = outcome == Outcome.UNREACHABLE;
        if (refusing != refused) {
            refusing = refused;
        }
        if (outcome == Outcome.SUCCESS) {
            long before = latencyWord();
            float micros = Math.max(0.001f, latencyNanos / 1_000f);
            if (before == MovingAverage.UNKNOWN) {
                offerLatency(before, MovingAverage.of(micros, nowNanos));
            } else if (shared.memory() == LatencyMemory.PEAK) {
                offerLatency(before, MovingAverage.peak(before, micros, FALL_NANOS, nowNanos));
            } else {
                double tau = micros > MovingAverage.value(before) ? RISE_NANOS : FALL_NANOS;
                offerLatency(before, MovingAverage.with(before, micros, tau, 0, nowNanos));
            }
        } else {
            failures.incrementAndGet();
        }
        long success = successWord();
        if (success != MovingAverage.UNKNOWN || outcome != Outcome.SUCCESS) {
            long known = success == MovingAverage.UNKNOWN ? MovingAverage.of(1, nowNanos) : success;
            float sample = outcome == Outcome.SUCCESS ? 1 : 0;
            offerSuccess(success, MovingAverage.with(known, sample, FALL_NANOS, SUCCESS_STEP, nowNanos));
        }
    }

    /** Back from ejection: it must not be judged twice for the same failures. */
    void restored(long nowNanos, long warmNanos) {
        long word = latencyWord();
        float peers = median.micros();
        float own = word == MovingAverage.UNKNOWN ? peers : MovingAverage.value(word);
        float fair = peers > 0 ? Math.max(peers, Math.min(own, 3 * peers)) : own;
        setAverages(
                fair > 0 ? MovingAverage.of(fair, nowNanos) : MovingAverage.UNKNOWN,
                MovingAverage.of(SUCCESS_AFTER_EJECTION, nowNanos));
        refusing = false;
        warmup = new Warmup(nowNanos, warmNanos);
    }

    void warmUp(long nowNanos, long warmNanos) {
        warmup = new Warmup(nowNanos, warmNanos);
    }

    boolean isWarming(long nowNanos) {
        return warmup.factor(nowNanos) < 1;
    }

    /** Recomputes the effective weight; true when it changed. */
    boolean refreshWeight(long nowNanos, boolean warmupCounts) {
        double next = instance.weight() * (warmupCounts ? warmup.factor(nowNanos) : 1);
        boolean changed = next != effectiveWeight;
        effectiveWeight = next;
        return changed;
    }

    /** Left the list: it must not hold a seat among the ejected. */
    void retire() {
        seat.restore("left the list");
    }

    void update(ServiceInstance changed) {
        instance = changed;
    }

    boolean isRefusing() {
        return refusing;
    }

    boolean isSuspect() {
        return suspect;
    }

    /** The registry lacks it and it is kept until that is confirmed. */
    void hold(long nowNanos) {
        heldSinceNanos = nowNanos;
        suspect = true;
    }

    /** Listed again, or gone for good. */
    void release() {
        if (suspect) {
            suspect = false;
        }
    }

    long heldSinceNanos() {
        return heldSinceNanos;
    }

    boolean guardAllows(long nowNanos) {
        return guard.isAvailable(nowNanos);
    }

    /** Latency known from own samples, in microseconds, or 0. */
    float ownMicros() {
        long word = latencyWord();
        return word == MovingAverage.UNKNOWN ? 0 : MovingAverage.value(word);
    }

    InstanceView view(long nowNanos) {
        InstanceGuard.Description description = guard.describe(nowNanos);
        return new InstanceView(
                instance,
                description.state(),
                description.reason(),
                description.nanosToProbe(),
                weight(),
                inFlight(),
                latencyNanos(nowNanos),
                successRatio(nowNanos),
                startedSoFar(),
                failures.get(),
                suspect);
    }
}
