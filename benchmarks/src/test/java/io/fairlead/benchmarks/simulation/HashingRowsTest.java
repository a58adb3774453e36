// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Keys stay where they are, shares are fair and the bound holds. */
@Tag("slow")
class HashingRowsTest {
    @Test
    void whatTheReportSaysOfHashingIsMet() {
        assertThat(HashingRows.rows(1))
                .hasSize(20)
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }
}
