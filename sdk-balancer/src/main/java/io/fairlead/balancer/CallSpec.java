// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.PickContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline must know of one call. An immutable value.
 *
 * @param service the service, lower case
 * @param context what policies may look at
 * @param idempotent whether processing it twice is harmless (RFC 9110, section 9.2.2, or an idempotency key)
 * @param replayable whether its body can be sent again
 * @param deadline longest time for all attempts together, or null for none
 * @param inboundAttempt which attempt of its own caller's call this call serves, from 1; above 1 nothing is sent again
 *     here, because somebody further out retries already
 */
public record CallSpec(
        String service,
        PickContext context,
        boolean idempotent,
        boolean replayable,
        @Nullable Duration deadline,
        int inboundAttempt) {

    /** The header that carries the number of an attempt, from the second on. */
    public static final String ATTEMPT_HEADER = "X-Fairlead-Attempt";

    /**
     * The header that carries rule and subset of an attempt, as in {@code beta/canary}, where the rule says so: {@code tell}.
     * Then one of the caller's is dropped.
     */
    public static final String ROUTE_HEADER = "X-Fairlead-Route";

    /** The header of a copy that a mirror gets; its value is the rule. A call that has it is not copied again. */
    public static final String MIRROR_HEADER = "X-Fairlead-Mirror";

    /** Rejects attempts below 1. */
    public CallSpec {
        if (inboundAttempt < 1) {
            throw new IllegalArgumentException("inbound attempt: " + inboundAttempt + " (expected: 1 or more)");
        }
    }

    /** For the first attempt of whoever called us. */
    public CallSpec(
            String service, PickContext context, boolean idempotent, boolean replayable, @Nullable Duration deadline) {
        this(service, context, idempotent, replayable, deadline, 1);
    }

    /** An idempotent, replayable call without a deadline: a plain GET. */
    public static CallSpec of(String service) {
        return new CallSpec(service, PickContext.none(), true, true, null);
    }

    /** This call, but processing it twice would do harm: a plain POST. */
    public CallSpec notIdempotent() {
        return new CallSpec(service, context, false, replayable, deadline, inboundAttempt);
    }

    /** This call, with the longest time for all attempts together. */
    public CallSpec within(Duration longest) {
        return new CallSpec(service, context, idempotent, replayable, longest, inboundAttempt);
    }

    /** This call, for policies that look at {@code pick}. */
    public CallSpec with(PickContext pick) {
        return new CallSpec(service, pick, idempotent, replayable, deadline, inboundAttempt);
    }

    /** This call, on behalf of a caller whose own attempt this is, from 1. */
    public CallSpec onBehalfOf(int attempt) {
        return new CallSpec(service, context, idempotent, replayable, deadline, attempt);
    }
}
