// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.stage.ConcurrencyLimit;
import io.fairlead.spi.InstanceGuard;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether one instance may take one more attempt: what its guard, its seat among the ejected, its concurrency limit and a
 * panic of the service say together. Safe for any thread; takes no lock.
 */
final class Gate {
    /** Stands for a permit when the guard was overruled: nothing is given back. */
    private static final Object OVERRULED = new Object();

    final InstanceWords words;
    final Listing listing;
    final InstanceGuard guard;
    final EjectionQuota.Seat seat;
    /** Tells that something became known of the instance that a choice depends on. */
    final Runnable moved;

    private final MustAsk mustAsk;
    /** Whether the service is in panic: so few instances are well that all are used, whatever their guards say. */
    private volatile boolean panicking;

    /** Why an instance does not accept a call. */
    enum Objection {
        /** The call has tried it before. */
        TRIED,
        /** It has as many attempts in flight as its concurrency limit allows, which nothing overrules. */
        FULL,
        /** It asked to be left alone for a while, and there are enough others. */
        ASKED,
        /** Its guard objects, and there is no panic to overrule it. */
        GUARD
    }

    Gate(InstanceWords words, Listing listing, InstanceGuard guard, EjectionQuota.Seat seat, Runnable moved) {
        this.words = words;
        this.listing = listing;
        this.guard = guard;
        this.seat = seat;
        this.moved = moved;
        this.mustAsk = new MustAsk(this);
    }

    /** Whether the guard must be asked, and who remembers that. */
    MustAsk mustAsk() {
        return mustAsk;
    }

    /** Why this call may not go here now, or null when it may. In panic, and when pardoned, the guard is not asked. */
    @Nullable
    Objection objection(PickContext context, long nowNanos) {
        if (context.excludes(words.instance())) {
            return Objection.TRIED;
        }
        if (!hasRoom()) {
            return Objection.FULL;
        }
        if (!panicking && listing.isLeftAlone(context.excluded().isEmpty(), nowNanos)) {
            return Objection.ASKED;
        }
        return guard.isAvailable(nowNanos) || panicking || seat.isPardoned() ? null : Objection.GUARD;
    }

    /** Whether the concurrency limit, if there is one, lets one more attempt in. */
    boolean hasRoom() {
        ConcurrencyLimit limit = words.limit;
        return limit == null || limit.hasRoom();
    }

    /**
     * A permit for an attempt, which must follow; null when the concurrency limit objects, or the guard does.
     *
     * @param limit the one the attempt takes its slot under, or null for none
     */
    @Nullable
    Object tryAcquire(@Nullable ConcurrencyLimit limit, long nowNanos) {
        return ask(limit, nowNanos, panicking || seat.isPardoned());
    }

    /** A permit even when the guard objects; a permit the guard does give is given back to it. Null at the concurrency limit. */
    @Nullable
    Object acquireRegardless(@Nullable ConcurrencyLimit limit, long nowNanos) {
        return ask(limit, nowNanos, true);
    }

    /** A guard that objects, or throws, must not keep the slot under the limit. */
    private @Nullable Object ask(@Nullable ConcurrencyLimit limit, long nowNanos, boolean isOverruled) {
        if (limit != null && !limit.tryEnter()) {
            return null;
        }
        Object permit = null;
        try {
            permit = guard.tryAcquire(nowNanos);
            if (permit == null && isOverruled) {
                permit = OVERRULED;
            }
            return permit;
        } finally {
            if (permit == null && limit != null) {
                limit.leave();
            }
        }
    }

    /** Gives a permit back with what came of it. In panic an ejected instance can only get better: no wait grows. */
    void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
        if (permit == OVERRULED) {
            return;
        }
        boolean isSpared = panicking && outcome.isFailure() && seat.isGuardOut();
        guard.release(permit, isSpared ? Outcome.IGNORED : outcome, latencyNanos, nowNanos);
        if (outcome.isFailure()) {
            mustAsk.failureReported();
        } else if (outcome == Outcome.SUCCESS && words.limit == null) {
            mustAsk.successReported(permit, nowNanos);
        }
    }

    /** The instance asked to be left alone for so long. */
    void retryAfter(Duration hint, long nowNanos) {
        listing.ask(hint.toNanos(), words.instance().status().isUsable() && !seat.isGuardOut(), nowNanos);
        mustAsk.refresh();
        guard.retryAfter(hint, nowNanos);
    }

    /** Says whether the instance is listed and may be called. One that nobody may call holds no seat among the ejected. */
    void setCallable(boolean isCallable) {
        if (isCallable) {
            seat.comeBack();
        } else {
            seat.leave();
        }
    }

    /** Left the list. */
    void retire() {
        seat.leave();
        panicking = false;
    }

    /** Serves although its guard has it out: a smaller list leaves fewer seats among the ejected. */
    void pardon() {
        seat.pardon();
    }

    /** Takes a seat for an instance that was pardoned for want of one, if a seat is free now. */
    void claimSeat() {
        seat.claim();
    }

    /** Its peers are others: its seat among the ejected, if it has one, is one of theirs. */
    void moveTo(EjectionQuota quota) {
        seat.moveTo(quota);
    }

    void panic(boolean panics) {
        if (panicking != panics) {
            panicking = panics;
        }
    }

    boolean isPanicking() {
        return panicking;
    }

    /** Whether the instance is out of rotation by our own decision. */
    boolean isEjected() {
        return seat.isTaken();
    }

    /** Whether its guard has it out and it serves for want of a seat. */
    boolean isPardoned() {
        return seat.isPardoned();
    }

    /** Whether its guard has it out, with a seat or without. */
    boolean isGuardOut() {
        return seat.isGuardOut();
    }

    /** Whether the instance is out, is pardoned, or its guard objects at the moment. */
    boolean isOut(long nowNanos) {
        return seat.isGuardOut() || !guard.isAvailable(nowNanos);
    }

    /** Whether the instance takes its share of calls. */
    boolean isServing(long nowNanos) {
        return seat.isPardoned() || !seat.isTaken() && guard.isAvailable(nowNanos);
    }

    /** Whether the guard would let a live call find out now if an ejected instance is well again. */
    boolean isProbeDue(long nowNanos) {
        return seat.isTaken() && !listing.isAsking(nowNanos) && guard.isAvailable(nowNanos);
    }
}
