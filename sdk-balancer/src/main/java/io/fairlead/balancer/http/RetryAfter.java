// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After} in both its forms (RFC 9110, section 10.2.3). */
public final class RetryAfter {
    private static final int MAX_DIGITS = 9;

    /** The three forms of a date that a recipient has to read (RFC 9110, section 5.6.7). */
    private static final List<DateTimeFormatter> DATES = List.of(
            DateTimeFormatter.RFC_1123_DATE_TIME,
            new DateTimeFormatterBuilder()
                    .appendPattern("EEEE, dd-MMM-")
                    .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
                    .appendPattern(" HH:mm:ss 'GMT'")
                    .toFormatter(Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC),
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC));

    private RetryAfter() {}

    /**
     * How long to wait, or null when the header is absent or makes no sense.
     *
     * @param date the response's own {@code Date}, by which a date is understood: the server's clock may differ from ours
     */
    public static @Nullable Duration parse(@Nullable String header, @Nullable String date) {
        String text = header == null ? "" : header.trim();
        if (text.isEmpty()) {
            return null;
        }
        if (text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        Instant until = instant(text);
        Instant serverNow = until == null || date == null ? null : instant(date.trim());
        return serverNow == null ? null : Duration.between(serverNow, until);
    }

    private static @Nullable Instant instant(String text) {
        for (DateTimeFormatter form : DATES) {
            try {
                return Instant.from(form.parse(text));
            } catch (DateTimeException another) {
                // one of the other forms, or none
            }
        }
        return null;
    }
}
