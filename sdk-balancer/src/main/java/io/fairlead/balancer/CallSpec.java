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
 */
public record CallSpec(
        String service,
        PickContext context,
        boolean idempotent,
        boolean replayable,
        @Nullable Duration deadline) {

    /** An idempotent, replayable call without a deadline: a plain GET. */
    public static CallSpec of(String service) {
        return new CallSpec(service, PickContext.none(), true, true, null);
    }

    boolean mayResend(Verdict verdict) {
        return replayable
                && switch (verdict.resend()) {
                    case NEVER -> false;
                    case ALWAYS -> true;
                    case IF_IDEMPOTENT -> idempotent;
                };
    }
}
