// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallEvent;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.Histogram;
import io.fairlead.balancer.ServiceStatistics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What two readings tell. */
class RecentCountsTest {
    private static final long SECOND = 1_000_000_000L;

    private final RecentCounts rates = new RecentCounts();

    private static ServiceStatistics counts(long good, long bad, long retries) {
        List<Long> counts = new ArrayList<>(Collections.nCopies(Histogram.BOUNDS_NANOS.size() + 1, 0L));
        counts.set(1, good + bad);
        Histogram times = new Histogram(counts, 0);
        return new ServiceStatistics(
                "orders",
                Map.of(CallEvent.Result.SUCCESS, good, CallEvent.Result.FAILURE, bad),
                times,
                Map.of(
                        AttemptEvent.Kind.FIRST,
                        Map.of(Outcome.SUCCESS, good + bad),
                        AttemptEvent.Kind.RETRY,
                        Map.of(Outcome.FAILURE, retries)),
                times,
                Map.of(),
                Map.of(),
                0,
                Map.of(),
                0,
                0,
                0);
    }

    @Test
    void oneReadingTellsNothingAndTwoTellWhatHappenedBetween() {
        assertThat(rates.seen(counts(1_000, 1_000, 0), 0)).isEqualTo(RecentCounts.Seen.NOTHING);

        RecentCounts.Seen seen = rates.seen(counts(1_090, 1_010, 20), 10 * SECOND);

        assertThat(seen.callsPerSecond()).isEqualTo(10);
        assertThat(seen.errorRatio()).isEqualTo(0.1);
        assertThat(seen.retryRatio()).isEqualTo(0.2);
        assertThat(seen.p50Millis()).isBetween(0.5, 1.0);
    }

    @Test
    void anErrorThatIsLongOverIsForgotten() {
        for (int second = 0; second <= 40; second++) {
            rates.seen(counts(second, second < 5 ? second : 5, 0), second * SECOND);
        }

        assertThat(rates.seen(counts(50, 5, 0), 41 * SECOND).errorRatio()).isZero();
    }

    @Test
    void aServiceThatBeganAnewHasNoRatesYet() {
        rates.seen(counts(1_000, 0, 0), 0);

        assertThat(rates.seen(counts(1, 0, 0), SECOND)).isEqualTo(RecentCounts.Seen.NOTHING);
        assertThat(rates.seen(counts(2, 0, 0), 2 * SECOND).callsPerSecond()).isEqualTo(1);
    }

    @Test
    void sharesAreOfWhatGrewLatelyAndOfAllUntilThen() {
        assertThat(rates.instances("orders", Map.of("a", 10L, "b", 30L), 0)).isEqualTo(Map.of("a", 10L, "b", 30L));
        assertThat(rates.instances("orders", Map.of("a", 20L, "c", 5L), 5 * SECOND))
                .isEqualTo(Map.of("a", 10L, "c", 5L));
    }

    @Test
    void aServiceThatNobodyWatchesIsForgotten() {
        rates.seen(counts(1, 0, 0), 0);
        rates.retain(Set.of("billing"));

        assertThat(rates.seen(counts(2, 0, 0), SECOND)).isEqualTo(RecentCounts.Seen.NOTHING);
    }
}
