// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogarithmTest {
    private static final double SEVEN_DIGITS = 1e-7;

    @Test
    void everyLogarithmIsRightToSevenDigits() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000_000; i++) {
            double value = Math.scalb(1 + random.nextDouble(), random.nextInt(-60, 60));
            assertThat(Math.abs(Logarithm.of(value) - StrictMath.log(value)))
                    .as("ln " + value)
                    .isLessThan(SEVEN_DIGITS);
        }
        assertThat(Logarithm.of(1)).isZero();
        assertThat(Logarithm.of(Math.nextUp(1.0))).isPositive();
        assertThat(Logarithm.of(Math.nextDown(1.0))).isNegative();
    }

    @Test
    void everyInverseIsRightToSevenDigits() {
        for (int i = -2_000_000; i <= 2_000_000; i++) {
            double logarithm = i / 100_000.0;
            double expected = StrictMath.exp(logarithm);
            assertThat(Math.abs(Logarithm.inverse(logarithm) / expected - 1))
                    .as("e to the " + logarithm)
                    .isLessThan(SEVEN_DIGITS);
        }
    }
}
