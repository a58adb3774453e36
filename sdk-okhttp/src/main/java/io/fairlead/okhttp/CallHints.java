// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may say of one request, as its tag: {@code new Request.Builder().tag(CallHints.class,
 * CallHints.hashedBy(userId))}. An immutable value.
 *
 * @param hashKey sends equal keys to the same instance under {@code ring_hash} and {@code maglev}; null for none
 * @param idempotent whether processing it twice is harmless; null leaves it to the method and the
 *     {@code Idempotency-Key} header
 * @param deadline longest time for all attempts together; null for none but the client's own call timeout
 */
public record CallHints(
        @Nullable String hashKey,
        @Nullable Boolean idempotent,
        @Nullable Duration deadline) {
    static final CallHints NONE = new CallHints(null, null, null);

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
        return new CallHints(hashKey, idempotent, value);
    }
}
