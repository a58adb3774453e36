// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server may write into {@code Retry-After}. */
class RetryAfterHeaderTest {
    private static final String NOW = "Sun, 06 Nov 1994 08:49:07 GMT";

    @Test
    void aNumberIsSecondsAndNonsenseIsNothing() {
        assertThat(RetryAfter.parse("7", null)).isEqualTo(Duration.ofSeconds(7));
        assertThat(RetryAfter.parse(" 0 ", NOW)).isEqualTo(Duration.ZERO);
        assertThat(RetryAfter.parse("soon", NOW)).isNull();
        assertThat(RetryAfter.parse("-3", NOW)).isNull();
        assertThat(RetryAfter.parse("99999999999999999999", NOW)).isNull();
        assertThat(RetryAfter.parse("", NOW)).isNull();
        assertThat(RetryAfter.parse(null, NOW)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    void aDateInAnyOfTheThreeFormsIsTakenByTheServersOwnClock(String until) {
        assertThat(RetryAfter.parse(until, NOW)).isEqualTo(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse(until, null)).isNull();
        assertThat(RetryAfter.parse(until, "today")).isNull();
    }
}
