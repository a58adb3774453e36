// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;

/** An instance plus its live load, as a picker sees it. Reads change nothing, allocate nothing, and may be stale. */
public interface Candidate {
    /** The instance; a new object when its weight, tags or metadata change. */
    ServiceInstance instance();

    /** Effective relative weight, above 0: the registry's, times what slow start leaves of it. */
    double weight();

    /** Attempts started and not yet closed. */
    int inFlight();

    /** Moving average of the time to headers of successful attempts, in nanoseconds; 0 when nothing is known. */
    long latencyNanos(long nowNanos);

    /** Moving average of success, from 0 to 1; 1 when nothing is known. */
    double successRatio(long nowNanos);

    /**
     * Whether this call may go here now: not tried before by this call, and its guard does not object. A hint: the guard
     * is asked for its permit afterwards.
     */
    boolean accepts(PickContext context, long nowNanos);
}
