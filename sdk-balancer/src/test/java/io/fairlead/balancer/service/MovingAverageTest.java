// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** What is remembered of success: a tick is a millisecond, the mean life here ten seconds. */
class MovingAverageTest {
    private static final double TAU = 10e9;
    private static final long STEP = 100_000_000;

    @Test
    void itHalvesInTauTimesTheLogarithmOfTwo() {
        long now = 0;
        long word = MovingAverage.of(1, now);
        for (int i = 0; i < 70; i++) {
            now += STEP;
            word = MovingAverage.with(word, 0, TAU, 0, now);
        }
        // 7 s at a mean life of 10 s, whose half is 6.93 s; ticks of a millisecond
        assertThat((double) MovingAverage.value(word)).isCloseTo(Math.exp(-0.7), within(0.008));
    }

    @Test
    void aStepMovesItByTheShareOfItsLifeThatPassedAndAtLeastByTheLeast() {
        long word = MovingAverage.of(1, 0);
        long later = 2 * STEP;

        assertThat((double) MovingAverage.value(MovingAverage.with(word, 0, TAU, 0, later)))
                .isCloseTo(Math.exp(-0.02), within(0.001));
        assertThat((double) MovingAverage.value(MovingAverage.with(word, 0, TAU, 0.2, later)))
                .isCloseTo(0.8, within(0.001));
    }

    @Test
    void withoutSamplesItIsDrawnToWhereItRests() {
        long word = MovingAverage.of(0.5f, 0);

        assertThat((double) MovingAverage.drifted(word, 1, TAU, 200_000_000)).isEqualTo(0.5);
        assertThat((double) MovingAverage.drifted(word, 1, TAU, (long) TAU)).isCloseTo(1 - 0.5 / Math.E, within(0.001));
    }
}
