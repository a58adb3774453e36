// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.InstanceStatus;
import io.fairlead.balancer.ServiceStatistics.Ejection;
import io.fairlead.spi.InstanceGuard;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The one health state of an instance. It is derived from its inputs whenever somebody looks, never set; what is stored
 * is the state last told to the listener, so that every change is told once and in one chain. Safe for any thread.
 */
final class Condition {
    /** How long an ejection that the cap refused is held against an instance. */
    private static final long DENIAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final double DEGRADED_FACTOR = 0.2;

    private final Gate gate;
    private final AtomicReference<@Nullable InstanceHealth> told = new AtomicReference<>();
    private volatile @Nullable Vote vote;
    private volatile @Nullable Vote denial;
    private volatile @Nullable String failedCheck;

    /** Somebody but the guard wants the instance out, or the cap would not have it out. */
    private record Vote(Ejection by, String evidence, long atNanos) {}

    Condition(Gate gate) {
        this.gate = gate;
    }

    /** Asks the guard to take the instance out for what others found. In panic nobody goes, and no wait grows. */
    void trip(Ejection by, String evidence, long nowNanos) {
        if (gate.isPanicking()) {
            refresh(nowNanos);
            return;
        }
        vote = new Vote(by, evidence, nowNanos);
        gate.guard.trip(evidence, nowNanos);
        if (!gate.isGuardOut()) {
            vote = null;
        }
        refresh(nowNanos);
    }

    /** The balancer's own check: what failed, or null when it passes. */
    void checked(@Nullable String evidence, long nowNanos) {
        failedCheck = evidence;
        gate.moved.run();
        if (evidence == null) {
            refresh(nowNanos);
        } else {
            trip(Ejection.CHECK, evidence, nowNanos);
        }
    }

    @Nullable
    String failedCheck() {
        return failedCheck;
    }

    /** The guard wanted it out and the cap said no. */
    void denied(String evidence, long nowNanos) {
        Vote voted = vote;
        denial = new Vote(voted == null ? Ejection.GUARD : voted.by, evidence, nowNanos);
    }

    /** Back in service: what led to the ejection is settled. */
    void settled() {
        vote = null;
        denial = null;
    }

    /** The share of its weight that an instance keeps: a part while it should be out and too many others are, else 1. */
    double factor(long nowNanos) {
        return gate.isPardoned() || failedCheck != null || isDenied(nowNanos) ? DEGRADED_FACTOR : 1;
    }

    InstanceHealth now(long nowNanos) {
        InstanceHealth derived = derive(nowNanos);
        InstanceHealth before = told.get();
        return before == null || before.state() != derived.state()
                ? derived
                : new InstanceHealth(derived.state(), derived.reason(), derived.evidence(), before.sinceNanos());
    }

    /** Tells of a change, if there is one. The first state is nobody's news. */
    void refresh(long nowNanos) {
        while (true) {
            InstanceHealth before = told.get();
            InstanceHealth next = derive(nowNanos);
            if (before != null && before.state() == next.state()) {
                return;
            }
            if (told.compareAndSet(before, next)) {
                if (before != null) {
                    gate.words
                            .shared
                            .environment()
                            .listener()
                            .onInstanceHealthChanged(gate.words.instance(), before, next);
                }
                return;
            }
        }
    }

    /** Once a second: tells of what time alone changed, and repeats the vote of a failing check that the cap denied. */
    void review(long nowNanos) {
        String failed = failedCheck;
        if (failed != null && !gate.isEjected()) {
            trip(Ejection.CHECK, failed, nowNanos);
        } else {
            refresh(nowNanos);
        }
    }

    private InstanceHealth derive(long nowNanos) {
        InstanceStatus status = gate.words.instance().status();
        if (status == InstanceStatus.DRAINING) {
            return new InstanceHealth(State.DRAINING, "registry", "draining", nowNanos);
        }
        if (!status.isUsable()) {
            return new InstanceHealth(State.REGISTRY_DOWN, "registry", "critical", nowNanos);
        }
        InstanceHealth out = gate.isOut(nowNanos) ? out(nowNanos) : null;
        return out != null ? out : serving(nowNanos);
    }

    private @Nullable InstanceHealth out(long nowNanos) {
        // A guard that objects without having asked the quota, as a limit does, has not taken its instance out.
        if (!gate.isGuardOut()) {
            return null;
        }
        InstanceGuard.Description seen = gate.guard.describe(nowNanos);
        State word = seen.state() == GuardState.HALF_OPEN ? State.PROBING : State.EJECTED;
        Vote voted = vote;
        String failed = failedCheck;
        if (gate.isPardoned()) {
            return new InstanceHealth(State.DEGRADED, reason(voted), tooMany(seen.reason()), nowNanos);
        }
        if (failed != null) {
            return new InstanceHealth(State.CHECK_FAILED, word(Ejection.CHECK), failed, nowNanos);
        }
        return new InstanceHealth(word, reason(voted), seen.reason(), nowNanos);
    }

    private InstanceHealth serving(long nowNanos) {
        String failed = failedCheck;
        if (failed != null) {
            return new InstanceHealth(State.DEGRADED, word(Ejection.CHECK), tooMany(failed), nowNanos);
        }
        Vote denied = denial;
        if (denied != null && isDenied(nowNanos)) {
            return new InstanceHealth(State.DEGRADED, word(denied.by), tooMany(denied.evidence), nowNanos);
        }
        return gate.listing.isWarming(nowNanos)
                ? new InstanceHealth(State.WARMING, "slow start", "", nowNanos)
                : new InstanceHealth(State.ACTIVE, "", "", nowNanos);
    }

    private boolean isDenied(long nowNanos) {
        Vote denied = denial;
        return denied != null && nowNanos - denied.atNanos < DENIAL_NANOS;
    }

    /** Who has the instance out, or is about to. */
    Ejection ejectedBy() {
        Vote voted = vote;
        return voted == null ? Ejection.GUARD : voted.by;
    }

    private static String reason(@Nullable Vote voted) {
        return word(voted == null ? Ejection.GUARD : voted.by);
    }

    private static String word(Ejection by) {
        return switch (by) {
            case GUARD -> "guard";
            case PEERS -> "peers";
            case CHECK -> "active check";
        };
    }

    private static String tooMany(String evidence) {
        return "too many others are out: " + evidence;
    }
}
