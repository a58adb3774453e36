// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.Throttle;
import io.fairlead.balancer.Verdict;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the stages count, each alone. */
class StageCountsTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void retryTokensFollowTheTableOfGrpc() {
        RetryAllowance.Tokens tokens = new RetryAllowance.Tokens(4, 0.8);
        tokens.failed();
        assertThat(tokens.balanceMillis()).isEqualTo(3_000);
        assertThat(tokens.tryWithdraw(0)).isTrue();
        for (int expected : new int[] {2_000, 1_000, 0, 0}) {
            tokens.failed();
            assertThat(tokens.balanceMillis()).isEqualTo(expected);
            assertThat(tokens.tryWithdraw(0)).isFalse();
        }
        int[] balances = {800, 1_600, 2_400, 3_200, 4_000, 4_000};
        for (int expected : balances) {
            tokens.succeeded(false);
            assertThat(tokens.balanceMillis()).isEqualTo(expected);
            assertThat(tokens.tryWithdraw(0)).isEqualTo(expected > 2_000);
        }
    }

    @Test
    void theFifthFailureInARowStopsGrpcsRetriesAndOneSuccessBringsThemBack() {
        RetryAllowance.Tokens tokens = new RetryAllowance.Tokens(10, 0.1);
        for (int i = 0; i < 4; i++) {
            tokens.failed();
            assertThat(tokens.tryWithdraw(0)).isTrue();
        }
        tokens.failed();
        assertThat(tokens.tryWithdraw(0)).isFalse();
        tokens.succeeded(false);
        assertThat(tokens.tryWithdraw(0)).isTrue();
    }

    @Test
    void awsQuotaIsWorthAHundredRetriesAndThenNoneWhenEverythingFails() {
        RetryAllowance.Quota quota = new RetryAllowance.Quota(500, 5);
        for (int retry = 1; retry <= 100; retry++) {
            quota.failed();
            assertThat(quota.tryWithdraw(0)).as("retry %d", retry).isTrue();
        }
        assertThat(quota.tryWithdraw(0)).isFalse();
        assertThat(quota.balanceMillis()).isZero();

        quota.succeeded(true);
        assertThat(quota.tryWithdraw(0))
                .as("a retry that succeeds pays for the next")
                .isTrue();
        for (int success = 1; success < 5; success++) {
            quota.succeeded(false);
            assertThat(quota.tryWithdraw(0))
                    .as("after %d successes at once", success)
                    .isFalse();
        }
        quota.succeeded(false);
        assertThat(quota.tryWithdraw(0))
                .as("five successes at once pay for one")
                .isTrue();
        quota.giveBack(0);
        assertThat(quota.tryWithdraw(0)).isTrue();
    }

    @Test
    void aConcurrencyLimitGrowsByOneForItsWorthOfSuccessesWhenItIsUsed() {
        ConcurrencyLimit limit = new ConcurrencyLimit(ConcurrencyLimits.defaults());
        limit.learn(Verdict.SUCCESS);
        assertThat(limit.now()).as("idle: says nothing").isEqualTo(20);
        fill(limit);
        for (int i = 0; i < 21; i++) {
            limit.learn(Verdict.SUCCESS);
        }
        assertThat(limit.now()).isEqualTo(21);
    }

    @Test
    void aConcurrencyLimitShrinksByATenthOnADropButNotOn429And500() {
        ConcurrencyLimit limit = new ConcurrencyLimit(ConcurrencyLimits.defaults());
        limit.learn(Verdict.ofStatus(429, null));
        limit.learn(Verdict.ofStatus(500, null));
        limit.learn(Verdict.CANCELLED);
        limit.learn(Verdict.UNREACHABLE);
        assertThat(limit.now()).isEqualTo(20);
        limit.learn(Verdict.ofStatus(503, null));
        assertThat(limit.now()).isEqualTo(18);
        limit.learn(Verdict.REFUSED);
        assertThat(limit.now()).isEqualTo(16);
        for (int i = 0; i < 100; i++) {
            limit.learn(Verdict.TIMED_OUT);
        }
        assertThat(limit.now()).isEqualTo(1);
    }

    @Test
    void placesAreExactAndComeBack() {
        ConcurrencyLimit limit = new ConcurrencyLimit(ConcurrencyLimits.fixed(3));
        assertThat(fill(limit)).isEqualTo(3);
        assertThat(limit.hasRoom()).isFalse();
        limit.leave();
        assertThat(limit.tryEnter()).isTrue();
    }

    @Test
    void quantilesAreAtMostAQuarterTooHigh() {
        Hedges.RecentLatency latency = new Hedges.RecentLatency(time.nanos());
        for (int millis = 1; millis <= 100; millis++) {
            latency.record(TimeUnit.MILLISECONDS.toNanos(millis), time.nanos());
        }
        assertThat(latency.quantile(0.95, 20, time.nanos()) / 1e6).isBetween(95.0, 95 * 1.25);
        assertThat(latency.quantile(0.5, 20, time.nanos()) / 1e6).isBetween(50.0, 50 * 1.25);
        assertThat(latency.quantile(0.5, 101, time.nanos())).isZero();
        time.advance(Duration.ofSeconds(25));
        assertThat(latency.quantile(0.5, 1, time.nanos())).isZero();
    }

    @Test
    void everyBucketEndsWhereTheNextBegins() {
        for (int bucket = 0; bucket < 100; bucket++) {
            long upper = Hedges.RecentLatency.upperMicros(bucket);
            assertThat(Hedges.RecentLatency.bucket(upper)).isEqualTo(bucket + 1);
            assertThat(Hedges.RecentLatency.bucket(upper - 1)).isEqualTo(bucket);
        }
    }

    @Test
    void badOptionsSayWhatWasExpected() {
        assertThatThrownBy(() -> Throttle.defaults().withK(0.5))
                .hasMessage("throttle.k: 0.5 (expected: 1..10, or infinity for off)");
        assertThatThrownBy(() -> ConcurrencyLimits.defaults().withBounds(0, 5))
                .hasMessage("concurrencyLimits: 0..5 (expected: within 1..10000, least first)");
        assertThatThrownBy(() -> Hedging.defaults().withPercentile(1))
                .hasMessage("hedging.percentile: 1.0 (expected: 0.5..0.999)");
        assertThatThrownBy(() -> Retries.defaults().withAttempts(0))
                .hasMessage("retries.attempts: 0 (expected: 1..10)");
        assertThatThrownBy(() -> Retries.defaults().withTokens(0, 0.1))
                .hasMessage("retries.tokens.max: 0 (expected: 1..1000)");
        assertThatThrownBy(() -> Retries.defaults().withQuota(0, 5))
                .hasMessage("retries.quota.max: 0 (expected: 1..100000)");
        assertThatThrownBy(() -> Retries.defaults().withQuota(500, 501))
                .hasMessage("retries.quota.cost: 501 (expected: 1..500)");
    }

    private static int fill(ConcurrencyLimit limit) {
        int taken = 0;
        while (limit.tryEnter()) {
            taken++;
        }
        return taken;
    }
}
