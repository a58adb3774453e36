// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.scenario.Published;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The bands of the default policy, and that they notice when it gets worse. */
@Tag("slow")
class AdaptiveBandsTest {
    @Test
    void theDefaultPolicyMeetsItsBands() {
        List<Row> rows = new Bands(SimulationReport.BAND_SEEDS).ofDefault(Contenders.named(Contenders.DEFAULT));

        assertThat(rows)
                .hasSize(12)
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }

    @Test
    void withoutInFlightInItsCostAtLeastThreeBandsAreMissed() {
        List<Row> rows = new Bands(1).ofDefault(Contender.of(new WithoutInFlight()));

        assertThat(rows).filteredOn(row -> !row.isMet()).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void everyPolicyOnTheClassPathTakesPart() {
        assertThat(SimulationReport.contenders(Published.sinkhole()))
                .extracting(Contender::name)
                .contains("adaptive", "round_robin", "least_request", "random", "least_of_all", "oracle")
                .doesNotHaveDuplicates();
    }
}
