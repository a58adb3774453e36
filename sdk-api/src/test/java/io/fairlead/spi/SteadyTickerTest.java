// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SteadyTickerTest {
    private static final long HOUR = Duration.ofHours(1).toNanos();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 3_600_000_000_000L})
    void goesOnFromWhereItWasHoweverOftenItIsSetBack(long origin) {
        AtomicLong raw = new AtomicLong(origin);
        Ticker ticker = SteadyTicker.of(raw::get);
        long start = ticker.nanos();
        assertThat(start).isEqualTo(origin);
        long passed = 0;
        for (int i = 0; i < 10; i++) {
            raw.addAndGet(3 * HOUR);
            passed += 3 * HOUR;
            assertThat(ticker.nanos() - start).isEqualTo(passed);
            raw.addAndGet(-5 * HOUR);
            assertThat(ticker.nanos() - start).isEqualTo(passed);
            raw.addAndGet(7);
            passed += 7;
            assertThat(ticker.nanos() - start).isEqualTo(passed);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 365, 25 * 365})
    void aLongTimeWithoutAQuestionIsTheTimeThatPassed(long days) {
        AtomicLong raw = new AtomicLong(-42);
        Ticker ticker = SteadyTicker.of(raw::get);
        raw.addAndGet(Duration.ofDays(days).toNanos());
        assertThat(ticker.nanos()).isEqualTo(raw.get());
    }

    @Test
    void noThreadSeesItGoBackMoreThanAMoment() {
        AtomicLong back = new AtomicLong();
        Ticker ticker = SteadyTicker.of(() -> System.nanoTime() - back.get());
        List<CompletableFuture<Long>> threads = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            threads.add(CompletableFuture.supplyAsync(() -> {
                long worst = 0;
                long before = ticker.nanos();
                for (int i = 0; i < 100_000; i++) {
                    if (i % 1_000 == 0) {
                        back.addAndGet(HOUR);
                    }
                    long now = ticker.nanos();
                    worst = Math.min(worst, now - before);
                    before = now;
                }
                return worst;
            }));
        }
        for (CompletableFuture<Long> thread : threads) {
            assertThat(thread.join()).isGreaterThan(-Duration.ofSeconds(3).toNanos());
        }
    }

    @Test
    void theSystemsClockIsSteadyAndNoneIsSteadiedTwice() {
        Environment system = Environment.system();
        assertThat(system.ticker()).isNotInstanceOf(SteadyTicker.class);
        Ticker ticker = SteadyTicker.of(() -> 5);
        assertThat(SteadyTicker.of(ticker)).isSameAs(ticker);
        assertThat(new Environment(ticker, system.scheduler(), system.executor(), system.random(), system.listener())
                        .withListener(system.listener())
                        .ticker())
                .isSameAs(ticker);
    }
}
