// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.benchmarks.simulation.run.Caller;
import io.fairlead.benchmarks.simulation.run.FairleadCaller;
import io.fairlead.benchmarks.simulation.run.WholeCalls;
import io.fairlead.benchmarks.simulation.scenario.DialogueScenarios;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Dialogue's published simulations come out as published, and ours reaches what it can. */
@Tag("slow")
class DialogueTest {
    private final DialogueRows rows = new DialogueRows(SimulationReport.BAND_SEEDS);

    @Test
    void aClientBuiltFromTheDescriptionComesToThePublishedFigures() {
        assertThat(rows.ofReference())
                .hasSize(18)
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }

    @Test
    void theDefaultPolicyWithBreakersAndRetriesReachesThePublishedGoals() {
        assertThat(rows.ofOurs())
                .hasSize(8)
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }

    @Test
    void everyCallEndsAndTheSameSeedGivesTheSameRun() {
        Scenario spike = DialogueScenarios.oneBigSpike();
        Caller.Factory factory = (network, client) -> new FairleadCaller(network, client, builder -> builder);

        WholeCalls.Result seen = WholeCalls.run(spike, factory, 1);

        assertThat(seen.byStatus().values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(seen.calls())
                .isEqualTo(1_000);
        assertThat(WholeCalls.run(spike, factory, 1)).isEqualTo(seen);
    }
}
