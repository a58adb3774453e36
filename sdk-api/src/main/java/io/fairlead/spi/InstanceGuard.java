// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import org.jspecify.annotations.Nullable;

/**
 * The gate of one instance: may it take one more attempt? Made once when an instance first appears and kept across lists.
 * Safe for any number of threads; no method blocks or allocates.
 */
public interface InstanceGuard {
    /**
     * A permit for one attempt, or null when the attempt must go elsewhere. The permit is opaque; the same object may be
     * handed out many times. Every permit is given back by exactly one {@link #release}.
     */
    @Nullable
    Object tryAcquire(long nowNanos);

    /**
     * Gives a permit back with what happened.
     *
     * @param latencyNanos start of the attempt to headers or failure
     */
    void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos);

    /** A hint without side effects: would {@link #tryAcquire} say yes? */
    boolean isAvailable(long nowNanos);

    /** State for people: {@code CLOSED}, {@code OPEN}, {@code HALF_OPEN}, and why. */
    Description describe(long nowNanos);

    /**
     * What a guard says of itself.
     *
     * @param state one word
     * @param reason why it is in that state, empty when there is nothing to say
     * @param nanosToProbe nanoseconds until it lets a probe through, 0 when it is not waiting
     */
    record Description(String state, String reason, long nanosToProbe) {}

    /**
     * Makes guards. A factory found by {@link java.util.ServiceLoader} is used when the user names none; it has a public
     * no-argument constructor.
     */
    @FunctionalInterface
    interface Factory {
        /**
         * A guard for a newly seen instance.
         *
         * @param cap asked before the guard takes its instance out of rotation
         */
        InstanceGuard newGuard(ServiceInstance instance, EjectionCap cap, Environment environment);
    }

    /**
     * How many instances of a service guards may take out at once; owned by the balancer, one per instance, so that
     * calls are idempotent. Guards vote, the balancer decides.
     */
    interface EjectionCap {
        /**
         * Whether this instance may be taken out now; true also when it already is. False leaves the guard closed: it
         * should note the suppressed trip and go on.
         */
        boolean tryEject(String reason);

        /** This instance takes traffic again. */
        void restore(String reason);
    }
}
