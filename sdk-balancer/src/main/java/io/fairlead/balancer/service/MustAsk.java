// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.GuardState;

/**
 * Whether the guard of one instance must be asked. The answer is remembered in four places, so that neither a pick, nor an
 * attempt, nor a walk along the list reads the guard of an instance that is well; this class writes all of them:
 *
 * <ul>
 *   <li>{@link InstanceWords#mustAsk}, for picks: guard or concurrency limit may object;
 *   <li>{@link #ofGuard}, for weights: the guard may object;
 *   <li>{@link InstanceWords#lastingPermit}, for attempts: until when they need not ask;
 *   <li>{@link Members#needsReview}, for walks: by telling that the instance moved.
 * </ul>
 *
 * Safe for any thread.
 */
final class MustAsk {
    private final Gate gate;
    private volatile boolean ofGuard = true;

    /** Of a gate that is being made: its fields are set. */
    MustAsk(Gate gate) {
        this.gate = gate;
    }

    /** Whether the guard may object. */
    boolean ofGuard() {
        return ofGuard;
    }

    /** Options have changed. */
    void optionsChanged() {
        gate.words.endLastingPermit();
        refresh();
    }

    /**
     * The guard tells a change of its state: every attempt asks it from now on. Called before the listener, which may take
     * long.
     */
    void guardChanges() {
        gate.words.endLastingPermit();
    }

    /** The guard's state has changed. */
    void guardChanged() {
        gate.words.endLastingPermit();
        refresh();
        gate.moved.run();
    }

    /** Recomputes the answer. Reads the guard twice before a no: a change in between would be overwritten. */
    void refresh() {
        if (!isQuiet()) {
            set(true);
        } else if (ofGuard || gate.words.limit == null && gate.words.mustAsk()) {
            set(false);
            if (!isQuiet()) {
                set(true);
            }
        }
    }

    /**
     * Whether nobody need ask the guard: it admits every attempt while closed, is closed and probes nothing, and the instance
     * does not ask to be left alone.
     */
    private boolean isQuiet() {
        long nowNanos = gate.words.now();
        return gate.guard.admitsWhileClosed()
                && !gate.seat.isGuardOut()
                && !gate.listing.isAsking(nowNanos)
                && gate.guard.isAvailable(nowNanos)
                && gate.guard.describe(nowNanos).state() != GuardState.HALF_OPEN;
    }

    private void set(boolean value) {
        ofGuard = value;
        gate.words.setMustAsk(gate.words.limit != null || value);
    }

    /** A success was reported: the guard says for how long the next ones need not be. */
    void successReported(Object permit, long nowNanos) {
        long nanos = gate.guard.unreportedNanos(permit, nowNanos);
        if (nanos > 0) {
            gate.words.setLastingPermit(permit, nowNanos + nanos);
            // The guard may have changed its mind since it was asked: ask once more after the write.
            if (gate.guard.unreportedNanos(permit, nowNanos) == 0) {
                gate.words.endLastingPermit();
            }
        }
    }

    /** A failure was reported: the next attempt asks. */
    void failureReported() {
        gate.words.endLastingPermit();
    }
}
