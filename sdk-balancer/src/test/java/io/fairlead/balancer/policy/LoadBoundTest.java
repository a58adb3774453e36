// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The bound as numbers without a limit have it. */
class LoadBoundTest {
    private static final double[] FACTORS = {1.000001, 1.01, 1.1, 1.25, 1.3, 4.0 / 3, 2, 3.7, 1_000, 1_000_000};

    @Test
    void atEveryWeightThoseHaveRoomWhoHaveItByExactArithmetic() {
        SplittableRandom random = new SplittableRandom(1);
        for (int weight = 1; weight <= 65_535; weight++) {
            double[] weights = new double[1 + random.nextInt(12)];
            Arrays.setAll(weights, i -> 1 + random.nextInt(random.nextBoolean() ? 10 : 65_535));
            weights[0] = weight;
            compare(weights, FACTORS[weight % FACTORS.length], random);
        }
    }

    @Test
    void fractionalWeightsHaveRoomByExactArithmeticToo() {
        SplittableRandom random = new SplittableRandom(2);
        for (int run = 0; run < 20_000; run++) {
            double[] weights = new double[1 + random.nextInt(12)];
            Arrays.setAll(weights, i -> (1 + random.nextInt(1 << 22)) * 0x1p-20 * (1 + random.nextInt(100)));
            compare(weights, FACTORS[run % FACTORS.length], random);
        }
    }

    @Test
    void aFactorAndAWeightAtTheirLimitsAreTaken() {
        LoadBound none = LoadBound.of(Double.POSITIVE_INFINITY, new double[] {1, 2});
        assertThat(none.hasRoom(Integer.MAX_VALUE, 1, Integer.MAX_VALUE)).isTrue();
        double[] heavy = new double[1 << 20];
        Arrays.fill(heavy, 65_535);
        LoadBound ofMany = LoadBound.of(1.25, heavy);
        assertThat(ofMany.hasRoom(1_249, 65_535, 1_000 * (1 << 20) - 1L)).isTrue();
        assertThat(ofMany.hasRoom(1_250, 65_535, 1_000 * (1 << 20) - 1L)).isFalse();
        LoadBound withNext = LoadBound.of(1.25, new double[] {65_535, 1e-12});
        assertThat(withNext.hasRoom(0, 1e-12, 0))
                .as("nobody is without any room")
                .isTrue();
        assertThat(withNext.hasRoom(1, 1e-12, 1_000)).isFalse();
    }

    /** Around the bound of the first. */
    private static void compare(double[] weights, double factor, SplittableRandom random) {
        LoadBound bound = LoadBound.of(factor, weights);
        BigDecimal sum = Arrays.stream(weights).mapToObj(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
        int all = random.nextInt(random.nextBoolean() ? 200 : 1_000_000);
        BigDecimal room = BigDecimal.valueOf(factor)
                .setScale(6, RoundingMode.HALF_UP)
                .multiply(new BigDecimal(weights[0]))
                .multiply(BigDecimal.valueOf(all + 1L));
        int near = room.divideToIntegralValue(sum).min(BigDecimal.valueOf(all)).intValue();
        for (int inFlight = Math.max(0, near - 2); inFlight <= Math.min(all, near + 2); inFlight++) {
            assertThat(bound.hasRoom(inFlight, weights[0], all))
                    .as("%s of %s, factor %s, %s of %s in flight", weights[0], sum, factor, inFlight, all)
                    .isEqualTo(BigDecimal.valueOf(inFlight).multiply(sum).compareTo(room) < 0);
        }
    }
}
