// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The gate of one instance: may it take one more attempt? Made once when an instance first appears and kept across lists.
 * Safe for any number of threads; no method blocks or allocates.
 */
public interface InstanceGuard {
    /**
     * A permit for one attempt, or null when the attempt must go elsewhere. The permit is opaque; the same object may be
     * handed out many times. Every permit is given back by exactly one {@link #release}, but for what
     * {@link #unreportedNanos} allows.
     */
    @Nullable
    Object tryAcquire(long nowNanos);

    /**
     * Gives a permit back with what happened.
     *
     * @param latencyNanos start of the attempt to headers or failure
     */
    void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos);

    /**
     * A vote from outside, as of a failed health check or a comparison with other instances: the guard should take its
     * instance out as if its own counts had said so, by the same way (the cap is asked first), and bring it back by the
     * same probes. One that is out already stays out; one being probed goes back. A guard that ignores it is correct.
     */
    default void trip(String reason, long nowNanos) {}

    /**
     * What the instance said in {@code Retry-After}, after the permit of that attempt was given back: a guard that has its
     * instance out waits at least that long, and never less than it would have. One that ignores it is correct.
     */
    default void retryAfter(Duration hint, long nowNanos) {}

    /** A hint without side effects: would {@link #tryAcquire} say yes? */
    boolean isAvailable(long nowNanos);

    /**
     * Whether the guard admits every attempt while its instance is not out and {@link #isAvailable} says yes; picks do not ask
     * it then. The default is false: the guard may object for other reasons too, as a limit does.
     */
    default boolean admitsWhileClosed() {
        return false;
    }

    /**
     * For how many nanoseconds from now the balancer may give this permit to attempts without asking the guard. It reports
     * no success of these attempts by {@link #release}; it only counts them ({@link EjectionCap#unreported}). It reports
     * failures and ignored results as always. 0, the default, means that it asks and reports for every attempt. The balancer
     * asks for this time again after each success that it reports. A failure ends the time early, and so does a change of
     * state that the guard tells.
     */
    default long unreportedNanos(Object permit, long nowNanos) {
        return 0;
    }

    /**
     * Its state, and for people why. Whether an attempt may go is {@link #isAvailable}, and whether the instance is out is
     * what it last asked of its {@link EjectionCap}; the state tells probing from waiting.
     */
    Description describe(long nowNanos);

    /**
     * What a guard says of itself.
     *
     * @param state where it stands
     * @param reason why, in words of its own and for people only; empty when there is nothing to say
     * @param nanosToProbe nanoseconds until it lets a probe through, 0 when it is not waiting
     */
    record Description(GuardState state, String reason, long nanosToProbe) {}

    /**
     * Makes guards. A factory found by {@link java.util.ServiceLoader} is used when the user names none; it has a public
     * no-argument constructor.
     */
    @FunctionalInterface
    interface Factory {
        /**
         * A guard for a newly seen instance. It tells the environment's listener of every change of its state
         * ({@code onGuardChanged}), after the change and outside locks: that is how the balancer learns of it in time.
         *
         * @param cap asked before the guard takes its instance out of rotation
         */
        InstanceGuard newGuard(ServiceInstance instance, EjectionCap cap, Environment environment);

        /**
         * Whether {@link #adoption} takes guards of another factory. False, the default: then the guards of a running balancer
         * can not be changed to this factory's.
         */
        default boolean adoptsGuardsOf(Factory other) {
            return false;
        }

        /**
         * What brings a guard of such a factory under this one's options, to be run later or never. Building it changes
         * nothing; when that throws, the options are refused and nothing changes for any service. Running it is quick and
         * throws nothing (what it throws all the same is told to the listener). The guard keeps its state and what it
         * counted; permits under way are given back to it. Built and run by one thread at a time for a guard, while others
         * use it. The default does nothing.
         */
        default Runnable adoption(InstanceGuard guard) {
            return () -> {};
        }
    }

    /**
     * How many instances of a service guards may take out at once; owned by the balancer, one per instance, so that
     * calls are idempotent. Guards vote, the balancer decides.
     */
    interface EjectionCap {
        /**
         * Whether this instance may be taken out now; true also when it already is. From then on until {@link #restore} the
         * balancer holds it for taken out. False leaves the guard closed: it should note the suppressed trip and go on.
         * An instance that left the list is never taken out.
         */
        boolean tryEject(String reason);

        /** This instance takes traffic again. */
        void restore(String reason);

        /**
         * How many successes on this instance were counted so far and not reported to its guard, as
         * {@link InstanceGuard#unreportedNanos} allows. The number only grows. Any thread may read it. A wrapper of a cap must
         * pass this call on, or the guard never learns of those successes.
         */
        long unreported();
    }
}
