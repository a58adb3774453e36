// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What retries add to a load is what the published tables say. */
@Tag("slow")
class RetryingTest {
    @Test
    void retriesAddAndTheThrottleTakesAwayWhatThePublishedTablesSay() {
        assertThat(Retrying.rows(1))
                .hasSizeGreaterThan(30)
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }
}
