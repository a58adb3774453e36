// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After} in both its forms (RFC 9110, section 10.2.3). */
final class RetryAfter {
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private RetryAfter() {}

    /** How long to wait, by the server's own clock when it is a date; null when the header is absent or makes no sense. */
    static @Nullable Duration of(HttpHeaders headers) {
        Optional<String> header = headers.firstValue("Retry-After");
        if (header.isEmpty()) {
            return null;
        }
        String text = header.get().trim();
        if (SECONDS.matcher(text).matches()) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        Instant until = date(text);
        Instant serverNow = headers.firstValue("Date").map(RetryAfter::date).orElse(null);
        return until == null || serverNow == null ? null : Duration.between(serverNow, until);
    }

    private static @Nullable Instant date(String text) {
        try {
            return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
        } catch (DateTimeException noDate) {
            return null;
        }
    }
}
