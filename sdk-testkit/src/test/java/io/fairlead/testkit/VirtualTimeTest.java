// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
    private final VirtualTime time = new VirtualTime(0);
    private final List<Long> runs = new ArrayList<>();

    @Test
    void afterAJumpAFixedRateCatchesUpAndAFixedDelayBeginsAnew() {
        var rate = time.scheduleAtFixedRate(() -> runs.add(time.nanos()), 1, 1, TimeUnit.SECONDS);
        time.jump(Duration.ofSeconds(10).toNanos());
        time.advance(Duration.ofSeconds(1));
        assertThat(runs).hasSize(11);
        assertThat(rate.cancel(false)).isTrue();
        runs.clear();
        var delay = time.scheduleWithFixedDelay(() -> runs.add(time.nanos()), 1, 1, TimeUnit.SECONDS);
        time.jump(Duration.ofDays(25 * 365).toNanos());
        time.advance(Duration.ofSeconds(1));
        assertThat(runs).hasSize(2);
        time.advance(Duration.ofSeconds(3));
        assertThat(runs).hasSize(5);
        assertThat(delay.cancel(false)).isTrue();
    }
}
