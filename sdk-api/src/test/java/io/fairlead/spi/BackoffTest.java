// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a loop waits between tries. */
class BackoffTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @RepeatedTest(50)
    void aShortOutageEndsWithinFiveSecondsAndALongOneIsAskedAboutSeldom(RepetitionInfo seed) {
        Backoff backoff = Backoff.ofRegistry(new SplittableRandom(seed.getCurrentRepetition()));
        long waited = 0;
        int tries = 0;
        for (; waited < 60 * SECOND; tries++) {
            long wait = backoff.nextNanos();
            assertThat(wait).isBetween(SECOND / 10, 11 * SECOND / 2);
            waited += wait;
        }
        assertThat(tries).isLessThanOrEqualTo(19);
        for (int i = 0; i < 100; i++) {
            // At most 12 a minute.
            assertThat(backoff.nextNanos()).isBetween(5 * SECOND, 11 * SECOND / 2);
        }
        backoff.reset();
        assertThat(backoff.nextNanos()).isLessThanOrEqualTo(SECOND / 4);
        assertThat(backoff.failures()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"PT0.000000001S, PT1S", "PT5S, PT1M", "PT1M, P1D", "P1D, P365D", "P30D, P9125D", "PT1S, PT0.5S"})
    void aWaitLiesBetweenItsBoundsAfterAnyNumberOfFailuresFromAnyBase(Duration base, Duration cap) {
        Backoff backoff = new Backoff(base, cap, new SplittableRandom(7));
        double bound = base.toNanos();
        for (int failures = 0; failures < 1_000; failures++) {
            double most = Math.min(cap.toNanos(), bound);
            assertThat((double) backoff.nextNanos()).as("wait %d", failures).isBetween(0.4 * most - 1, most);
            bound *= 2;
        }
    }

    @Test
    void forEverIsAWaitLikeAnyOther() {
        Duration forEver = ChronoUnit.FOREVER.getDuration();
        Backoff capped = new Backoff(Duration.ofSeconds(1), forEver, new SplittableRandom(7));
        Backoff based = new Backoff(forEver, forEver, new SplittableRandom(7));
        for (int failures = 0; failures < 200; failures++) {
            assertThat(capped.nextNanos()).isPositive();
            assertThat(based.nextNanos()).isGreaterThan(Long.MAX_VALUE / 4);
        }
    }
}
