// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.balancer.Retries;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryBudgetTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void startsWithItsReserveOfTenSeconds() {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        assertThat(withdrawals(budget, 1_000)).isEqualTo(30);
    }

    @Test
    void aFifthOfTheCallsMayBeRetriedWhateverFailsAndTheReserveIsNotAddedToIt() {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        int retries = 0;
        for (int second = 0; second < 60; second++) {
            for (int call = 0; call < 100; call++) {
                budget.deposit(time.nanos());
                retries += withdrawals(budget, 1);
                time.advance(Duration.ofMillis(10));
            }
        }
        // 6000 calls: a fifth, and the reserve to begin with
        assertThat(retries).isBetween(1_200, 1_200 + 30);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 3.00, 3.00",
        "5, 1.55, 1.80",
        "10, 1.29, 1.50",
        "20, 1.20, 1.25",
        "30, 1.20, 1.25",
        "1000, 1.19, 1.21"
    })
    void whenEverythingFailsAttemptsPerCallAreOneAndTheGreaterOfTheRatioAndTheReserve(
            int perSecond, double least, double most) {
        SplittableRandom random = new SplittableRandom(perSecond);
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        int before = withdrawals(budget, 30);
        assertThat(before).as("the reserve, spent").isEqualTo(30);
        int calls = 20_000;
        int attempts = 0;
        for (int call = 0; call < calls; call++) {
            long gap = (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
            time.advance(Duration.ofNanos(gap));
            budget.deposit(time.nanos());
            attempts += 1 + withdrawals(budget, 2);
        }
        assertThat((double) attempts / calls).isBetween(least - 0.03, Math.min(most, 1 + 0.2 + 3.0 / perSecond));
    }

    @ParameterizedTest
    @ValueSource(ints = {30, 50, 100, 1_000})
    void whatACalmMinuteSavedAddsAtMostAQuarterToTheFirstHalfMinuteOfAnOutage(int perSecond) {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        Duration gap = Duration.ofNanos(1_000_000_000L / perSecond);
        for (int call = 0; call < 60 * perSecond; call++) {
            time.advance(gap);
            budget.deposit(time.nanos());
        }
        int calls = 30 * perSecond;
        int attempts = 0;
        for (int call = 0; call < calls; call++) {
            time.advance(gap);
            budget.deposit(time.nanos());
            attempts += 1 + withdrawals(budget, 2);
        }
        assertThat((double) attempts / calls).isBetween(1.2, 1.25);
    }

    @Test
    void oneCallASecondMayBeRetriedThreeTimesASecond() {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        for (int second = 0; second < 100; second++) {
            time.advance(Duration.ofSeconds(1));
            budget.deposit(time.nanos());
            assertThat(withdrawals(budget, 3)).as("second " + second).isEqualTo(3);
        }
    }

    @Test
    void whatIsGivenBackIsThereAgain() {
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        assertThat(withdrawals(budget, 1_000)).isEqualTo(30);
        budget.giveBack(time.nanos());
        assertThat(withdrawals(budget, 1_000)).isEqualTo(1);
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
        assertThat(budget.balanceMillis()).as("one whole retry is kept").isEqualTo(1_000);
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
        assertThatThrownBy(() -> Retries.defaults().withBudget(1.5, 3))
                .hasMessage("retries.budget.ratio: 1.5 (expected: 0..1)");
        assertThatThrownBy(() -> Retries.defaults().withBudget(0.2, -1))
                .hasMessage("retries.budget.perSecond: -1 (expected: 0..10000)");
    }

    private int withdrawals(RetryBudget budget, int tries) {
        int granted = 0;
        for (int i = 0; i < tries; i++) {
            granted += budget.tryWithdraw(time.nanos()) ? 1 : 0;
        }
        return granted;
    }
}
