// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextMatchTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "/v1, /v1, true",
                "/v1, /v1/x, true",
                "/v1, /v1/, true",
                "/v1, /v10, false",
                "/v1, /v1%2Fx, false",
                "/v1, /V1, false",
                "/v1, /v%31, false",
                "/v1, /, false",
                "/v1, //v1, false",
                "/v1, -, false",
                "/v1/, /v1/x, true",
                "/v1/, /v1/, true",
                "/v1/, /v1, false",
                "/, /anything, true",
                "/, /, true",
            })
    void aPrefixOfAPathGoesBySegments(String prefix, @Nullable String path, boolean matches) {
        assertThat(TextMatch.prefix(prefix).matchesPath(path)).isEqualTo(matches);
    }

    @Test
    void anEmptyValueIsAValue() {
        assertThat(TextMatch.present(true).matches("")).isTrue();
        assertThat(TextMatch.present(false).matches("")).isFalse();
        assertThat(TextMatch.exact("").matches("")).isTrue();
        assertThat(TextMatch.prefix("").matches("")).isTrue();
        assertThat(TextMatch.regex("").matches("")).isTrue();
    }

    @Test
    void onlyAbsentHoldsForWhatIsNotThere() {
        assertThat(TextMatch.present(false).matches(null)).isTrue();
        assertThat(TextMatch.present(true).matches(null)).isFalse();
        assertThat(TextMatch.exact("").matches(null)).isFalse();
        assertThat(TextMatch.prefix("").matches(null)).isFalse();
        assertThat(TextMatch.regex(".*").matches(null)).isFalse();
    }

    @Test
    void valuesAreComparedWithCaseAndNeverTrimmed() {
        assertThat(TextMatch.exact("beta").matches("Beta")).isFalse();
        assertThat(TextMatch.exact("beta").matches("beta ")).isFalse();
        assertThat(TextMatch.regex("beta").matches(" beta")).isFalse();
        assertThat(TextMatch.prefix("be").matches("beta")).isTrue();
    }

    @Test
    void aPartOfATextIsAValue() {
        assertThat(TextMatch.exact("bc").matches("abcd", 1, 3)).isTrue();
        assertThat(TextMatch.exact("bcd").matches("abcd", 1, 3)).isFalse();
        assertThat(TextMatch.prefix("bcd").matches("abcd", 1, 3)).isFalse();
        assertThat(TextMatch.regex("[bc]+").matches("abcd", 1, 3)).isTrue();
    }
}
