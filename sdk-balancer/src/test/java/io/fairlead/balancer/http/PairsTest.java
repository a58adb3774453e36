// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "sid=1| 1",
                "a=b; sid=x=y; c=d| x=y",
                "sid=1; sid=2| 1",
                "sid=; sid=2| ``",
                "xsid=1| -",
                "sid2=1| -",
                "SID=1| -",
                "sid=\"a b\"; c=d| \"a b\"",
                "a=\"x; sid=3\"| 3\"", // a semicolon ends a cookie, quotes or not: RFC 6265
                ";;sid=1;| 1",
                "sid| -",
                "| -",
                "-| -"
            })
    void ofSeveralCookiesOfOneNameTheFirstCountsWithItsQuotes(@Nullable String header, @Nullable String value) {
        assertThat(Pairs.cookieValue(header, "sid")).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "sid=1| 1",
                "a=b,sid=1| 1",
                "a=b , sid = 1 ;ttl=3;secret , c=d| 1",
                "sid=1,sid=2| 2",
                "sid=1;p=a%2Cb,c=d| 1",
                "sid=| ``",
                "sid=;p| ``",
                "sid;p=1| -",
                "a=b;sid=1| -", // a property, not an entry
                "sid=a%20b%E4%BA%AC| a b京",
                "sid=100%| 100%",
                "sid=%4| %4",
                "sid=%zz+%41| %zz+A",
                "-| -"
            })
    void anEntryOfBaggageIsDecodedAndWithoutItsProperties(@Nullable String header, @Nullable String value) {
        assertThat(Pairs.baggageValue(header, "sid")).isEqualTo(value);
    }
}
