// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.benchmarks.simulation.run.Contenders;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Equals get equal parts, and whoever is slow is left: a part of what the report shows, with fewer seeds. */
@Tag("slow")
class FairnessTest {
    private final FairnessRows rows = new FairnessRows(Contenders.named(Contenders.DEFAULT), 1);

    @Test
    void equalsStayEqualHoweverTheirServiceTimesScatter() {
        areMet(rows.ofEquals(200), 18);
    }

    @Test
    void oneThatTakesTwiceAsLongIsLeft() {
        areMet(rows.ofSlow(), 4);
    }

    @Test
    void whoIsBackGetsItsPartSoonAndNoMore() {
        areMet(rows.ofReturns(), 39);
    }

    @Test
    void whoFollowsTheLastAnswerAloneMissesMostOfIt() {
        FairnessRows others = new FairnessRows(Contenders.named("peak_ewma"), 1);

        assertThat(others.ofEquals(200)).filteredOn(row -> !row.isMet()).hasSizeGreaterThan(9);
    }

    private static void areMet(List<Row> rows, int size) {
        assertThat(rows)
                .hasSize(size)
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }
}
