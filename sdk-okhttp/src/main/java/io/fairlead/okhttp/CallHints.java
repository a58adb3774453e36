// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.CallSpec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may say of one request, as its tag: {@code new Request.Builder().tag(CallHints.class,
 * CallHints.hashedBy(userId))}. An immutable value.
 *
 * @param hashKey sends equal keys to the same instance under {@code ring_hash} and {@code maglev}; null for none
 * @param idempotent whether processing it twice is harmless; null leaves it to the method and the
 *     {@code Idempotency-Key} header
 * @param deadline longest time for all attempts together; null for the client's own call timeout. No attempt is begun
 *     that can not end in time, and each connect, read and write of an attempt is cut at what is left; only a call timeout
 *     also cuts an answer that drips
 * @param inboundAttempt which attempt of its own caller's call this one serves, from 1, as read from the header
 *     {@link CallSpec#ATTEMPT_HEADER} of the request being served; above 1 nothing is sent again here
 */
public record CallHints(
        @Nullable String hashKey,
        @Nullable Boolean idempotent,
        @Nullable Duration deadline,
        int inboundAttempt) {
    static final CallHints NONE = new CallHints(null, null, null);

    /** For the first attempt of whoever called us. */
    public CallHints(@Nullable String hashKey, @Nullable Boolean idempotent, @Nullable Duration deadline) {
        this(hashKey, idempotent, deadline, 1);
    }

    /** Only a hash key. */
    public static CallHints hashedBy(String key) {
        return new CallHints(key, null, null);
    }

    /** Only that processing it twice is harmless, or not. */
    public static CallHints idempotent(boolean value) {
        return new CallHints(null, value, null);
    }

    /** These hints with a deadline. */
    public CallHints within(Duration value) {
        return new CallHints(hashKey, idempotent, value, inboundAttempt);
    }

    /** These hints on behalf of a caller whose own attempt this is, from 1. */
    public CallHints onBehalfOf(int attempt) {
        return new CallHints(hashKey, idempotent, deadline, attempt);
    }
}
