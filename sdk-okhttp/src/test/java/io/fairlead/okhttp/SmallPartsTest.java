// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.testkit.LeakCheck;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallPartsTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest
    @ValueSource(strings = {"4.12.0", "5.3.2", "3.14.9", "unknown"})
    void anOlderOkHttpIsRefusedWithASentence(String version) {
        assertThatThrownBy(() -> OkHttpVersion.require(version))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("OkHttp " + version + " found, 5.4.0 or newer needed")
                .hasMessageContaining("okhttp-jvm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.4.0", "5.10.0", "5.5.1", "6.0.0-alpha.1", "10.0.0"})
    void aNewerOkHttpIsTaken(String version) {
        assertThatCode(() -> OkHttpVersion.require(version)).doesNotThrowAnyException();
    }

    @Test
    void retryAfterIsReadInBothItsForms() {
        Instant now = Instant.parse("2026-11-24T10:00:00Z");
        assertThat(RetryAfter.parse("7", null)).isEqualTo(Duration.ofSeconds(7));
        assertThat(RetryAfter.parse(" 0 ", now)).isEqualTo(Duration.ZERO);
        assertThat(RetryAfter.parse("Tue, 24 Nov 2026 10:00:30 GMT", now)).isEqualTo(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse("Tue, 24 Nov 2026 10:00:30 GMT", null)).isNull();
        assertThat(RetryAfter.parse("soon", now)).isNull();
        assertThat(RetryAfter.parse("-3", now)).isNull();
        assertThat(RetryAfter.parse("99999999999999999999", now)).isNull();
        assertThat(RetryAfter.parse(null, now)).isNull();
    }
}
