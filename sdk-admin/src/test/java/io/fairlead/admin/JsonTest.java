// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What JSON is made of. */
class JsonTest {
    @Test
    void recordsAreObjectsOfTheirComponents() {
        assertThat(Json.of(new Model.ConfigRow("policy", "random", "common", "adaptive")))
                .isEqualTo("{\"key\":\"policy\",\"value\":\"random\",\"origin\":\"common\",\"default\":\"adaptive\"}");
        assertThat(Json.of(Arrays.asList(1, null, true, List.of()))).isEqualTo("[1,null,true,[]]");
    }

    @Test
    void numbersHaveFourPlacesAndWhatIsNoneIsNull() {
        assertThat(Json.of(List.of(0.123456, 2.0, 1e12, Double.NaN, Double.POSITIVE_INFINITY)))
                .isEqualTo("[0.1235,2,1000000000000,null,null]");
    }

    @Test
    void textCanEndNeitherALineNorAScript() {
        assertThat(Json.of("a\"\\\n\u2028</script>&\ud800é"))
                .isEqualTo("\"a\\\"\\\\\\u000a\\u2028\\u003c/script\\u003e\\u0026\\ud800é\"");
    }
}
