// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.time.Duration;
import java.time.Instant;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After} in both its forms (RFC 9110, section 10.2.3). */
final class RetryAfter {
    private static final int MAX_DIGITS = 9;

    private RetryAfter() {}

    /**
     * How long to wait, or null when the header is absent or makes no sense.
     *
     * @param serverNow the response's own date: the server's clock may differ from ours
     */
    static @Nullable Duration parse(@Nullable String header, @Nullable Instant serverNow) {
        String text = header == null ? "" : header.trim();
        if (text.isEmpty()) {
            return null;
        }
        if (text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        Instant until = Headers.of("Date", text).getInstant("Date");
        return until == null || serverNow == null ? null : Duration.between(serverNow, until);
    }
}
