// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;

/** An instance plus its live load, as a picker sees it. Reads change nothing, allocate nothing, and may be stale. */
public interface Candidate {
    /** The instance; a new object when its weight, tags or metadata change. */
    ServiceInstance instance();

    /**
     * Effective relative weight, above 0: the registry's × the smallest of what slow start, health and dynamic weights leave
     * of it × the part of the instance that is in this process's portion.
     */
    double weight();

    /** What slow start leaves of its weight for now: above 0 to 1, and 1 when it is over; already part of the weight. */
    default double slowStart() {
        return 1;
    }

    /** Attempts started and not yet closed. */
    int inFlight();

    /**
     * The time to headers of a successful attempt that must be expected, in nanoseconds, as the policy wants it
     * {@link BalancingPolicy#latencyMemory remembered}; 0 when nothing is known.
     */
    long latencyNanos(long nowNanos);

    /**
     * How uncertain {@link #latencyNanos} is: the variance of its natural logarithm, a millisecond added; 0, the default,
     * for as certain as can be.
     */
    default double latencyVariance(long nowNanos) {
        return 0;
    }

    /** Nanoseconds since the last successful attempt; {@link Long#MAX_VALUE}, the default, when nobody knows. */
    default long silentNanos(long nowNanos) {
        return Long.MAX_VALUE;
    }

    /** Moving average of success, from 0 to 1; 1 when nothing is known. */
    double successRatio(long nowNanos);

    /**
     * Age of the oldest attempt that still waits for its headers, in nanoseconds: never more than it is, and at most one
     * round of attempts less. 0 when none waits, or when nothing is known.
     */
    default long oldestNanos(long nowNanos) {
        return 0;
    }

    /**
     * Attempts in flight on all instances of the service; below 0 when nobody counts them, which somebody does when the
     * policy says that it {@link BalancingPolicy#needsServiceInFlight needs} it.
     */
    default long serviceInFlight() {
        return -1;
    }

    /**
     * Requests, of all its clients, that the instance said it was working on, moved on by what this client started and
     * finished there since; below 0 when it said nothing within the last second.
     */
    default int reportedInFlight(long nowNanos) {
        return -1;
    }

    /** The share of its capacity that the instance said is used; below 0 when it said nothing within the last second. */
    default double reportedUtilization(long nowNanos) {
        return -1;
    }

    /** Whether the latest attempt that told anything succeeded; true, the default, when nothing is known. */
    default boolean lastSucceeded() {
        return true;
    }

    /**
     * Whether this call may go here now: not tried before by this call, and its guard does not object. A hint: the guard
     * is asked for its permit afterwards.
     */
    boolean accepts(PickContext context, long nowNanos);
}
