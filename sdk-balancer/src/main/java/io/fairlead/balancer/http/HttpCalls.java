// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.http;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What every adapter of an HTTP client derives of a request alike. */
public final class HttpCalls {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY");
    private static final Duration LEAST = Duration.ofNanos(1);

    private HttpCalls() {}

    /**
     * Whether processing a request twice is harmless: by its method (RFC 9110, section 9.2.2), or because it carries an
     * {@code Idempotency-Key}.
     */
    public static boolean isIdempotent(String method, @Nullable String idempotencyKey) {
        return IDEMPOTENT.contains(method) || idempotencyKey != null;
    }

    /** What is left of a call's time, 1 ns at least; null when it has no end. */
    public static @Nullable Duration left(@Nullable Duration whole, long spentNanos) {
        if (whole == null) {
            return null;
        }
        Duration left = whole.isNegative() ? LEAST : whole.minusNanos(spentNanos);
        return left.compareTo(LEAST) < 0 ? LEAST : left;
    }
}
