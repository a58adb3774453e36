// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.AttemptEvent.Kind;
import io.fairlead.api.CallEvent.Result;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.count.ServiceCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void aBucketHasItsBoundAndWhatIsLongerThanTheOneBefore() {
        for (int i = 0; i < Histogram.BOUNDS_NANOS.size(); i++) {
            long bound = Histogram.BOUNDS_NANOS.get(i);
            assertThat(of(bound).counts().get(i)).as("%d ns", bound).isEqualTo(1);
            assertThat(of(bound + 1).counts().get(i + 1)).as("%d ns", bound + 1).isEqualTo(1);
        }
        assertThat(of(0).counts().get(0)).isEqualTo(1);
        assertThat(of(-1).counts().get(0)).isEqualTo(1);
        assertThat(of(Long.MAX_VALUE / 2).counts().get(15)).isEqualTo(1);
    }

    @Test
    void aQuantileLiesInItsBucketAndADifferenceIsWhatWasAdded() {
        ServiceCounts counts = new ServiceCounts();
        for (int i = 0; i < 100; i++) {
            counts.attempt(Kind.FIRST, i < 50 ? Outcome.SUCCESS : Outcome.FAILURE, i < 90 ? 3_000_000 : 100_000_000);
        }
        Histogram before = counts.read("orders").attemptDurations();
        assertThat(before.count()).isEqualTo(100);
        assertThat(before.quantileNanos(0.5)).isBetween(2_000_000L, 4_000_000L);
        assertThat(before.quantileNanos(0.99)).isBetween(64_000_000L, 128_000_000L);
        counts.attempt(Kind.RETRY, Outcome.SUCCESS, 1_000_000);
        Histogram added = counts.read("orders").attemptDurations().since(before);
        assertThat(added.count()).isEqualTo(1);
        assertThat(added.sumNanos()).isEqualTo(1_000_000);
    }

    @Test
    void nothingHasNoQuantileAndWrongCountsAreRefused() {
        assertThat(new ServiceCounts().read("orders").callDurations().quantileNanos(0.99))
                .isZero();
        assertThatThrownBy(() -> new Histogram(List.of(1L), 1)).hasMessage("counts: 1 (expected: 16)");
    }

    private static Histogram of(long nanos) {
        ServiceCounts counts = new ServiceCounts();
        counts.call(Result.SUCCESS, nanos);
        return counts.read("orders").callDurations();
    }
}
