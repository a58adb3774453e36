// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The gate of a whole service: may one more call be made at all? One a service, made with its list and dropped with it,
 * asked once per call, before any attempt. Safe for any number of threads; no method blocks or allocates.
 *
 * <p>One bad shard or route of a service can close it for every caller, so it measures and lets everything pass unless the
 * user asks it to reject.
 */
public interface ServiceGuard {
    /**
     * A permit for one call, or null when the call must not be made. The permit is opaque; the same object may be handed
     * out many times. Every permit is given back by exactly one {@link #release}.
     */
    @Nullable
    Object tryAcquire(long nowNanos);

    /**
     * Gives a permit back with what the whole call came to, however many attempts it took. {@link Outcome#IGNORED} takes
     * the permit back as though the call had never been: it was cancelled, or rejected further inside.
     *
     * @param latencyNanos start of the call to headers or failure
     */
    void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos);

    /** Its state, for people why, and how long a rejected call should stay away. */
    InstanceGuard.Description describe(long nowNanos);

    /**
     * Makes guards. A factory found by {@link java.util.ServiceLoader} is used when the user names none; it has a public
     * no-argument constructor.
     */
    @FunctionalInterface
    interface Factory {
        /**
         * A guard for a service.
         *
         * @param rejects false: it only measures, and grants every call
         */
        ServiceGuard newGuard(String service, boolean rejects, Environment environment);

        /**
         * What brings a guard that another factory made under this one's options, to be run later or never; the guard keeps
         * its state and what it counted. Building it changes nothing; when that throws, the options are refused and nothing
         * changes for any service. Running it is quick and throws nothing (what it throws all the same is told to the
         * listener). Null, the default, when the guard is not of this factory's kind: then a new one takes its place.
         */
        default @Nullable Runnable adoption(ServiceGuard guard) {
            return null;
        }
    }
}
