// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.SlowStart;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.stage.ConcurrencyLimit;
import io.fairlead.spi.InstanceGuard;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Everything the balancer knows of one running copy. What calls touch are its {@link InstanceWords}; the rest is held:
 * {@link Listing}, {@link Condition}, {@link HealthLevel}, and the {@link Gate} with guard and seat. Kept across lists, also
 * for a while after the copy left.
 *
 * <p>It is one long file, because it is where the parts meet; each method is short and hands on to one or two of them. Four ask
 * it, in this order from top to bottom:
 *
 * <ul>
 *   <li>a policy reads it as a {@link io.fairlead.spi.Candidate}: load, latency, weight, whether it accepts a call;
 *   <li>an attempt goes through it: {@link #tryAcquire}, {@link #begin}, {@link #complete}, {@link #end}. What it has done is
 *       counted, and learned from unless the instance is ejected;
 *   <li>the service's updates change it: {@link #change} with options, {@link #ejected}, {@link #restored}, {@link #list},
 *       {@link #retire};
 *   <li>{@link #view} shows it to people.
 * </ul>
 *
 * Any thread reads and reports; only the service's updates change instance and listing.
 */
public final class InstanceState extends InstanceWords.End implements Weighted, EjectionQuota.Owner {
    /** In what {@link #begin} returns: the attempt was counted among those of the service. */
    static final int COUNTED = 2;

    private static final double FALL_NANOS = 10e9;
    private static final double SUCCESS_STEP = 0.2;
    private static final float SUCCESS_AFTER_EJECTION = 0.9f;

    private final CallCounts.Failures failures = new CallCounts.Failures();
    private final CallCounts.Interval interval = new CallCounts.Interval();
    private final Listing listing;
    private final HealthLevel healthLevel;
    private final InstanceGuard guard;
    private final Gate gate;
    private final Condition condition;
    private volatile LoadReport.@Nullable Latest report;
    /** The listener that the guard gets: it passes a change on at once, not at the next evaluation. */
    private final class GuardListener implements EventListener {
        @Override
        public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
            gate.mustAsk().guardChanges();
            shared.environment().listener().onGuardChanged(instance(), from, to, reason);
            gate.mustAsk().guardChanged();
            condition.refresh(now());
        }

        @Override
        public void onCallbackFailed(String where, Throwable failure) {
            shared.environment().listener().onCallbackFailed(where, failure);
        }
    }

    InstanceState(ServiceInstance instance, SharedState shared) {
        super(instance, shared);
        this.listing = new Listing(this);
        this.healthLevel = new HealthLevel(shared.dynamicWeights());
        EjectionQuota.Seat seat = shared.quota().seatFor(this);
        this.guard =
                shared.guards().newGuard(instance, seat, shared.environment().withListener(new GuardListener()));
        this.gate = new Gate(this, listing, guard, seat, this::moved);
        this.condition = new Condition(gate);
        boolean unused = setWeight(instance.weight());
        if (!instance.status().isUsable()) {
            gate.setCallable(false);
        }
        gate.mustAsk().refresh();
    }

    @Override
    public int inFlight() {
        return inFlightNow();
    }

    @Override
    public long serviceInFlight() {
        LongAdder all = shared.inFlight();
        return all == null ? -1 : all.sum();
    }

    @Override
    public long latencyNanos(long nowNanos) {
        return shared.latency().nanos(latencyWord(), nowNanos);
    }

    @Override
    public double latencyVariance(long nowNanos) {
        return shared.latency().variance(latencyWord(), nowNanos);
    }

    @Override
    public long silentNanos(long nowNanos) {
        return shared.latency().silentNanos(latencyWord(), nowNanos);
    }

    @Override
    public double successRatio(long nowNanos) {
        long word = successWord();
        return word == MovingAverage.UNKNOWN ? 1 : MovingAverage.drifted(word, 1, FALL_NANOS, nowNanos);
    }

    @Override
    public boolean lastSucceeded() {
        return !hasFailedLast();
    }

    @Override
    public long oldestNanos(long nowNanos) {
        return waitedNanos(nowNanos);
    }

    @Override
    public double slowStart() {
        return listing.slowStart();
    }

    @Override
    public double health() {
        return listing.health();
    }

    @Override
    public double portionShare() {
        return listing.portionShare();
    }

    @Override
    public void setPortionShare(double value) {
        listing.setPortionShare(value);
    }

    @Override
    public boolean weigh(double registry, double slowStartLeaves, double healthLeaves) {
        listing.setHealth(healthLeaves);
        listing.setSlowStart(slowStartLeaves);
        return setWeight(registry * Math.min(slowStartLeaves, healthLeaves) * listing.portionShare());
    }

    @Override
    public int reportedInFlight(long nowNanos) {
        LoadReport.Latest latest = report;
        return latest == null ? -1 : latest.inFlight(inFlightNow(), nowNanos);
    }

    @Override
    public double reportedUtilization(long nowNanos) {
        LoadReport.Latest latest = report;
        return latest == null ? -1 : latest.utilization(nowNanos);
    }

    /** The instance said how loaded it is. */
    void reported(long word, long nowNanos) {
        if (word != LoadReport.NOTHING) {
            LoadReport.Latest latest = report;
            if (latest == null) {
                latest = new LoadReport.Latest();
                report = latest;
            }
            latest.set(word, inFlightNow(), nowNanos);
        }
    }

    @Override
    public boolean accepts(PickContext context, long nowNanos) {
        return !mustAsk() && context.excluded().isEmpty() || gate.objection(context, nowNanos) == null;
    }

    /**
     * A permit for an attempt, which must follow; null when the concurrency limit objects, or the guard does.
     *
     * @param slots the limit now in force, or null; the attempt must know at its end whether there was one
     */
    @Nullable
    Object tryAcquire(@Nullable ConcurrencyLimit slots, long nowNanos) {
        Object lasting = slots != null ? null : lastingPermit(nowNanos);
        return lasting != null ? lasting : gate.tryAcquire(slots, nowNanos);
    }

    /** An attempt begins; returns what it must show when it completes, with {@link #COUNTED} when it was counted. */
    int begin(long nowNanos) {
        LongAdder all = shared.inFlight();
        if (all == null) {
            return countBegin(nowNanos);
        }
        all.increment();
        return countBegin(nowNanos) | COUNTED;
    }

    /**
     * An attempt is answered.
     *
     * @param generation what {@link #begin} returned
     * @return nanoseconds it took
     */
    long complete(Object permit, int generation, Outcome outcome, long startNanos) {
        long nowNanos = now();
        long latencyNanos = nowNanos - startNanos;
        boolean mayLearn = outcome != Outcome.IGNORED && (isLearnedFrom(startNanos) || gate.isPanicking());
        if (mayLearn && outcome == Outcome.SUCCESS && isUnreported(permit, nowNanos)) {
            countSuccess(generation, nowNanos);
        } else {
            count(generation, mayLearn ? outcome : Outcome.IGNORED, nowNanos);
            gate.release(permit, outcome, latencyNanos, nowNanos);
        }
        if (outcome != Outcome.IGNORED) {
            setUnreachable(outcome == Outcome.UNREACHABLE);
            if (outcome.isFailure()) {
                failures.addToAllFailed();
            }
            if (mayLearn) {
                learn(outcome, latencyNanos, nowNanos);
            }
        }
        if (outcome == Outcome.UNREACHABLE) {
            shared.listener().onUnreachable(this);
        }
        return latencyNanos;
    }

    void count(int generation, Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            failures.addReported();
            countSuccess(generation, nowNanos);
            return;
        }
        if (outcome == Outcome.IGNORED) {
            failures.addIgnored();
        } else {
            failures.addFailed();
        }
        countAnswer(generation, nowNanos);
    }

    void learn(Outcome outcome, long latencyNanos, long nowNanos) {
        boolean isSuccess = outcome == Outcome.SUCCESS;
        if (isSuccess) {
            if (!shared.dynamicWeights().isOff()) {
                healthLevel.add(latencyNanos);
            }
            LatencyModel model = shared.latency();
            model.learn(this, latencyNanos, nowNanos);
            if (model != shared.latency()) {
                // Options have changed: the next latency model can not read what this one wrote.
                setAverages(LatencyModel.UNKNOWN, successWord());
            }
        }
        setFailedLast(!isSuccess);
        long before = successWord();
        if (before != MovingAverage.UNKNOWN || !isSuccess) {
            long known = before == MovingAverage.UNKNOWN ? MovingAverage.of(1, nowNanos) : before;
            offerSuccess(before, MovingAverage.with(known, isSuccess ? 1 : 0, FALL_NANOS, SUCCESS_STEP, nowNanos));
        }
    }

    /**
     * The attempt is over.
     *
     * @param hasSlot whether it took a slot under the concurrency limit
     * @param isCounted whether it was counted among those of the service
     */
    void end(boolean hasSlot, boolean isCounted) {
        countEnd();
        if (hasSlot) {
            Objects.requireNonNull(limit).leave();
        }
        if (isCounted) {
            Objects.requireNonNull(shared.inFlight()).decrement();
        }
    }

    /** The concurrency limit learns how an attempt ended. */
    void limited(Verdict verdict) {
        ConcurrencyLimit present = limit;
        if (present != null) {
            present.learn(verdict);
        }
    }

    /** What brings its guard under another factory's options. */
    Runnable adoption(InstanceGuard.Factory guards) {
        return Objects.requireNonNull(guards.adoption(guard), "the adoption of a guard");
    }

    /**
     * Takes up what the instances share under other options, after its guard. Keeps what is known of the instance and what
     * attempts hold. Belongs to the service's updates.
     */
    void change(SharedState next, long nowNanos) {
        listing.setPortionShare(1);
        healthLevel.change(next.dynamicWeights());
        join(next, nowNanos);
        ConcurrencyLimit present = limit;
        if (present != null) {
            present.change(next.limits());
        } else if (!next.limits().isOff()) {
            limit = new ConcurrencyLimit(next.limits());
        }
        gate.mustAsk().optionsChanged();
    }

    /** Has this in common with its peers from now on, who may be others. Belongs to the service's updates. */
    void join(SharedState common, long nowNanos) {
        SharedState before = shared;
        if (common == before) {
            return;
        }
        shared = common;
        if (before.latency() != common.latency()) {
            setAverages(common.latency().translated(before.latency(), latencyWord(), nowNanos), successWord());
        }
        if (before.quota() != common.quota()) {
            gate.moveTo(common.quota());
            before.pleas().remove(listing);
            if (listing.isAsking(nowNanos) && instance().status().isUsable() && !gate.isGuardOut()) {
                common.pleas().add(listing);
            }
        }
    }

    /** An attempt was given up unanswered: it would have taken longer than this. */
    void gaveUp(long startNanos) {
        long nowNanos = now();
        shared.latency().learnAtLeast(this, nowNanos - startNanos, nowNanos);
    }

    @Override
    public void onEjectionChanged(boolean ejected) {
        shared.listener().onEjectionChanged(this, ejected);
    }

    @Override
    public void onEjectionDenied(String reason) {
        shared.listener().onEjectionDenied(this, reason);
    }

    @Override
    public long unreported() {
        return successes() - failures.reported();
    }

    /** Taken out: what it does until it is back is not learned from. */
    void ejected(long nowNanos) {
        learnSince(nowNanos + (Long.MAX_VALUE >> 1)); // never, as times are compared by subtraction
        listing.leaveOthersAlone();
        interval.spoil();
    }

    /** Back from ejection: it must not be judged twice for the same failures. */
    void restored(long nowNanos, SlowStart slowStart) {
        setAverages(
                shared.latency().forgiven(latencyWord(), nowNanos), MovingAverage.of(SUCCESS_AFTER_EJECTION, nowNanos));
        setFailedLast(false);
        setUnreachable(false);
        listing.warmUpAgain(nowNanos, slowStart);
        interval.spoil();
        learnSince(nowNanos);
        condition.settled();
    }

    /** Left the list: it must not hold a seat among the ejected. */
    void retire() {
        gate.retire();
        listing.withdraw();
    }

    /** The registry lists the instance, with these words. One that nobody may call then holds no seat among the ejected. */
    void list(ServiceInstance listed) {
        update(listed);
        boolean isCallable = listed.status().isUsable();
        gate.setCallable(isCallable);
        if (!isCallable) {
            listing.leaveOthersAlone();
        }
    }

    /** Whether a live call may find out now if it is well again. */
    boolean isProbeDue(PickContext context, long nowNanos) {
        return condition.failedCheck() == null && gate.isProbeDue(nowNanos) && !context.excludes(instance());
    }

    /** Something became known of it that a choice depends on. */
    void moved() {
        shared.listener().onMoved(this);
    }

    Listing listing() {
        return listing;
    }

    Gate gate() {
        return gate;
    }

    Condition condition() {
        return condition;
    }

    HealthLevel healthLevel() {
        return healthLevel;
    }

    /** What was counted since peers were last compared. */
    CallCounts.Interval interval() {
        return interval;
    }

    CallCounts counts() {
        return new CallCounts(successes(), failures.failed());
    }

    InstanceView view(long nowNanos) {
        InstanceGuard.Description description = guard.describe(nowNanos);
        ConcurrencyLimit present = limit;
        return new InstanceView(
                instance(),
                description.state(),
                description.reason(),
                description.nanosToProbe(),
                weight(),
                inFlight(),
                latencyNanos(nowNanos),
                successRatio(nowNanos),
                // An attempt that fails at this moment may be counted twice here.
                successesAndWaiting() + failures.failed() + failures.ignored(),
                failures.allFailed(),
                listing.isHeld(),
                condition.now(nowNanos),
                present == null ? Integer.MAX_VALUE : present.now());
    }
}
