// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.Throttle;
import io.fairlead.benchmarks.simulation.run.CallWorld;
import io.fairlead.benchmarks.simulation.world.Decimal;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What retries add to a load, and what the throttle takes off it, against the published tables. Stateless. */
final class Retrying {
    private static final int PER_SECOND = 1_000;
    private static final int SECONDS = 60;
    private static final int TAKEN_PER_SECOND = 100;
    private static final double[] FAILURES = {0.05, 0.1, 0.3, 0.5, 1};

    private Retrying() {}

    static List<Row> rows(long seed) {
        List<Row> rows = new ArrayList<>();
        Retries fixed = Retries.defaults().withBudget(1, 10_000);
        amplification(rows, "two retries, no budget", fixed, seed, 1.052, 1.110, 1.390, 1.749, 3);
        Retries tokens = Retries.defaults().withTokens(10, 0.1);
        amplification(rows, "gRPC's tokens (10, 0.1)", tokens, seed, 1.052, 1.021, 1, 1, 1);
        Retries finagle = Retries.defaults().withBudget(0.2, 10);
        amplification(rows, "Finagle's budget (20 % + 10/s)", finagle, seed, 1.052, 1.110, 1.210, 1.210, 1.210);
        Retries sre = Retries.defaults().withBudget(0.1, 0);
        amplification(rows, "the SRE book's budget (10 %)", sre, seed, 1.052, 1.100, 1.100, 1.100, 1.100);
        Retries quota = Retries.defaults().withQuota(500, 5);
        amplification(rows, "the AWS SDKs' quota (500, 5)", quota, seed, 1.052, 1.110, 1.390, 1.202, 1.0005);
        rows.add(quotaRetries(quota, seed));
        for (double failure : FAILURES) {
            rows.add(Row.atMost(
                    "23",
                    "default budget (20 % + 3/s), " + percent(failure)
                            + " of attempts fail: attempts a call, at 1,000 a second",
                    1.205,
                    attempts(1, Retries.defaults(), failure, seed),
                    3,
                    ""));
        }
        rows.add(Row.between(
                "23",
                "three layers, every attempt fails, two retries each, no budget: attempts at the end for a call, 27 if each layer retried",
                1,
                27,
                attempts(3, fixed, 1, seed),
                2,
                ""));
        rows.add(Row.atMost(
                "23",
                "three layers, every attempt fails, default budgets",
                1.205 * 1.205 * 1.205,
                attempts(3, Retries.defaults(), 1, seed),
                2,
                ""));
        throttle(rows, 2, seed);
        throttle(rows, 1.1, seed);
        rows.add(unthrottled(seed));
        return rows;
    }

    private static void amplification(List<Row> rows, String what, Retries retries, long seed, double... expected) {
        for (int i = 0; i < FAILURES.length; i++) {
            double seen = attempts(1, retries, FAILURES[i], seed);
            rows.add(Row.between(
                    "23",
                    what + ", " + percent(FAILURES[i]) + " of attempts fail: attempts a call",
                    expected[i] - 0.01,
                    expected[i] + 0.01,
                    seen,
                    3,
                    ""));
        }
    }

    private static double attempts(int layers, Retries retries, double failure, long seed) {
        CallWorld world = new CallWorld(
                layers,
                builder -> builder.retries(retries),
                attempt -> SplitMix.unit(seed, SplitMix.Purpose.ERRORS, attempt) >= failure,
                seed);
        world.run(PER_SECOND, SECONDS / 2);
        return world.attemptsPerCall();
    }

    private static Row quotaRetries(Retries quota, long seed) {
        CallWorld world = new CallWorld(1, builder -> builder.retries(quota), attempt -> false, seed);
        world.run(PER_SECOND, SECONDS / 2);
        int retries = world.attemptsAtTheEnd() - PER_SECOND * SECONDS / 2;
        return Row.between(
                "25", "the same quota, every attempt fails: retries in half a minute", 100, 100, retries, 0, "");
    }

    /** Ten times more is asked of a service than it takes. */
    private static void throttle(List<Row> rows, double k, long seed) {
        int sent = sentOf(
                builder -> builder.retries(Retries.defaults().withAttempts(1))
                        .throttle(Throttle.defaults().withK(k)),
                seed);
        double ratio = (double) sent / (TAKEN_PER_SECOND * SECONDS);
        rows.add(Row.between(
                "22",
                "throttle with k = " + Decimal.text(k, 1) + ", ten times what the service takes: sent for each taken",
                k - 0.1,
                k + 0.1,
                ratio,
                3,
                ""));
        rows.add(Row.between(
                "22",
                "and the share rejected on this side, (X − kA) / X",
                1 - k / 10 - 0.01,
                1 - k / 10 + 0.01,
                1 - (double) sent / (PER_SECOND * SECONDS),
                3,
                ""));
    }

    private static Row unthrottled(long seed) {
        CallWorld world = new CallWorld(
                1,
                builder -> builder.retries(Retries.defaults().withAttempts(1)).throttle(Throttle.defaults()),
                attempt -> attempt % 3 != 0,
                seed);
        world.run(PER_SECOND, SECONDS);
        world.run(PER_SECOND, SECONDS);
        return Row.between(
                "22",
                "throttle with k = 2 and a third of the attempts failing: sent for each call, in the second minute",
                1,
                1,
                world.attemptsPerCall(),
                3,
                "");
    }

    private static int sentOf(UnaryOperator<FairleadBuilder> options, long seed) {
        Gate gate = new Gate();
        CallWorld world = new CallWorld(1, options, attempt -> gate.takes(), seed);
        gate.world = world;
        world.run(PER_SECOND, SECONDS);
        world.run(PER_SECOND, SECONDS);
        return world.attemptsAtTheEnd();
    }

    private static String percent(double ratio) {
        return Decimal.text(100 * ratio, 0) + " %";
    }

    /** A service that takes so many calls a second, in bursts of up to a second's worth, and rejects the others. */
    private static final class Gate {
        private static final long GAP = Duration.ofSeconds(1).toNanos() / TAKEN_PER_SECOND;
        private static final long BURST = Duration.ofSeconds(1).toNanos();
        private CallWorld world;
        private long paidUntilNanos;

        boolean takes() {
            long now = world.nowNanos();
            paidUntilNanos = Math.max(paidUntilNanos, now - BURST);
            if (paidUntilNanos + GAP > now) {
                return false;
            }
            paidUntilNanos += GAP;
            return true;
        }
    }
}
