// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Dynamic weights keep still, and help. */
@Tag("slow")
class WeightsTest {
    @Test
    void weightsThatFollowHealthKeepStillAndHelpTheTail() {
        assertThat(WeightRows.rows(1))
                .hasSize(8)
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }
}
