// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What others published of other policies comes out here too. */
@Tag("slow")
class OthersTest {
    @Test
    void allButThePrototypesPausesComesOutAsPublished() {
        assertThat(new Others(SimulationReport.BAND_SEEDS).rows())
                .hasSize(20)
                .filteredOn(row -> !row.isMet())
                .extracting(Row::what)
                .containsExactly("least_request: p99.9 with pauses", "round_robin: p99 with pauses");
    }
}
