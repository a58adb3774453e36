// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

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
}
