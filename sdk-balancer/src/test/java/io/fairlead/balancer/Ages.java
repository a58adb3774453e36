// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Ages at which counters wrap, with clocks that begin anywhere, idle and busy. */
public final class Ages {
    private Ages() {}

    public static Stream<Arguments> all() {
        return clocks(1, 26, 30, 40, 52, 124, 125, 248, 249, 300, 365, 400, 497, 498, 2_500, 2_600, 25 * 365);
    }

    public static Stream<Arguments> few() {
        return clocks(1, 30, 125, 365, 25 * 365);
    }

    private static Stream<Arguments> clocks(int... days) {
        return Arrays.stream(days)
                .mapToObj(Duration::ofDays)
                .flatMap(age -> Stream.of(0L, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - age.toNanos() / 2)
                        .flatMap(origin -> Stream.of(true, false).map(busy -> Arguments.of(age, origin, busy))));
    }

    /** Passes so much time, with something at a few hundred moments of it, or in one step. */
    public static void live(VirtualTime time, Duration age, boolean busy, Runnable step) {
        int steps = busy ? 300 : 1;
        for (int i = 0; i < steps; i++) {
            time.jump(age.toNanos() / steps);
            if (busy) {
                step.run();
            }
        }
    }
}
