// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void startsWithItsReserveOfTenSeconds() {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        assertThat(withdrawals(budget, 1_000)).isEqualTo(30);
    }

    @Test
    void aFifthOfTheCallsMayBeRetriedWhateverFails() {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        int retries = 0;
        for (int second = 0; second < 60; second++) {
            for (int call = 0; call < 100; call++) {
                budget.deposit(time.nanos());
                retries += withdrawals(budget, 1);
                time.advance(Duration.ofMillis(10));
            }
        }
        // 6000 calls: a fifth, and three a second, and the reserve to begin with
        assertThat(retries).isBetween(1_200, 1_200 + 3 * 60 + 30);
    }

    @Test
    void depositsFadeSoThatACalmHourPaysForNoStorm() {
        RetryBudget budget = new RetryBudget(0.2, 0, time);
        for (int call = 0; call < 10_000; call++) {
            budget.deposit(time.nanos());
        }
        assertThat(budget.balanceMillis()).isEqualTo(2_000_000);
        time.advance(Duration.ofSeconds(3));
        assertThat(budget.balanceMillis()).isBetween(600_000, 800_000);
        time.advance(Duration.ofSeconds(30));
        assertThat(budget.balanceMillis()).isLessThan(1_000);
    }

    @Test
    void anEmptyBudgetRefillsItsReserve() {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        assertThat(withdrawals(budget, 1_000)).isEqualTo(30);
        time.advance(Duration.ofSeconds(2));
        assertThat(withdrawals(budget, 1_000)).isEqualTo(6);
        time.advance(Duration.ofHours(1));
        assertThat(withdrawals(budget, 1_000)).isEqualTo(30);
    }

    @Test
    void aClockThatStepsBackGrantsNothing() {
        RetryBudget budget = new RetryBudget(0, 3, time);
        time.advance(Duration.ofSeconds(30));
        assertThat(withdrawals(budget, 1_000)).isEqualTo(30);
        time.jump(-Duration.ofSeconds(20).toNanos());
        assertThat(withdrawals(budget, 1_000)).isZero();
        time.jump(Duration.ofSeconds(20).toNanos());
        assertThat(withdrawals(budget, 1_000)).isZero();
    }

    @Test
    void badOptionsSayWhatWasExpected() {
        assertThatThrownBy(() -> new RetryBudget(1.5, 3, time)).hasMessage("retry budget ratio: 1.5 (expected: 0..1)");
        assertThatThrownBy(() -> new RetryBudget(0.2, -1, time))
                .hasMessage("retry budget per second: -1 (expected: 0..10000)");
    }

    private int withdrawals(RetryBudget budget, int tries) {
        int granted = 0;
        for (int i = 0; i < tries; i++) {
            granted += budget.tryWithdraw(time.nanos()) ? 1 : 0;
        }
        return granted;
    }
}
