// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.benchmarks.simulation.run.Caller;
import io.fairlead.benchmarks.simulation.run.DialogueClient;
import io.fairlead.benchmarks.simulation.run.FairleadCaller;
import io.fairlead.benchmarks.simulation.run.WholeCalls;
import io.fairlead.benchmarks.simulation.scenario.DialogueScenarios;
import io.fairlead.benchmarks.simulation.scenario.Published;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * Palantir's published simulations of Dialogue (targets 17, 19 and 21): their figures from a reference client written from
 * the description, and what the production client makes of the same. Medians over the seeds. Stateless.
 */
final class DialogueRows {
    private static final double LEAST = Double.NEGATIVE_INFINITY;
    private static final double MOST = Double.POSITIVE_INFINITY;
    private static final ToDoubleFunction<WholeCalls.Result> SUCCESS = WholeCalls.Result::successPercent;
    private static final ToDoubleFunction<WholeCalls.Result> ATTEMPTS = WholeCalls.Result::attempts;
    private static final ToDoubleFunction<WholeCalls.Result> MEAN = WholeCalls.Result::meanMillis;
    private static final ToDoubleFunction<WholeCalls.Result> BAD_REQUESTS = result -> result.with(400);

    private final int seeds;

    DialogueRows(int seeds) {
        this.seeds = seeds;
    }

    /** The published figures. */
    List<Row> ofReference() {
        DialogueClient.Options balanced = DialogueClient.Options.balanced();
        DialogueClient.Options get = balanced.retryingOn500();
        List<Row> rows = new ArrayList<>();
        List<WholeCalls.Result> hole = reference(Published.blackHole(), balanced);
        rows.add(row("17", "black_hole, balanced: success; published 91.4 … 91.5", 91.1, 91.6, hole, SUCCESS, 1, "%"));
        hole = reference(Published.blackHole(), DialogueClient.Options.pinned(6));
        rows.add(row(
                "17",
                "black_hole, pinned, six of ten clients to the bad one: success; published 59.2",
                57.2,
                61.2,
                hole,
                SUCCESS,
                1,
                "%"));
        List<WholeCalls.Result> fast400s = reference(DialogueScenarios.fast400s(), balanced);
        rows.add(row(
                "19",
                "fast_400s_then_revert, balanced: 400s of 6,000; published 385",
                375,
                395,
                fast400s,
                BAD_REQUESTS,
                0,
                ""));
        rows.add(row("19", "and mean; published 113.6", 113.3, 113.9, fast400s, MEAN, 1, "ms"));
        fast400s = reference(DialogueScenarios.fast400s(), DialogueClient.Options.pinned(4));
        rows.add(row(
                "19",
                "the same, pinned, four of ten clients to the bad one: 400s; published 1,068",
                1_018,
                1_118,
                fast400s,
                BAD_REQUESTS,
                0,
                ""));
        List<WholeCalls.Result> spike = reference(DialogueScenarios.oneBigSpike(), balanced);
        rows.add(row("21", "one_big_spike, limited: success; published 100", 100, 100, spike, SUCCESS, 1, "%"));
        rows.add(row("21", "and attempts for 1,000 calls; published 1,000", 1_000, 1_000, spike, ATTEMPTS, 0, ""));
        rows.add(row("21", "and mean; published 1,580", 1_500, 1_660, spike, MEAN, 0, "ms"));
        spike = reference(DialogueScenarios.oneBigSpike(), balanced.unlimited());
        rows.add(row("21", "one_big_spike, unlimited: success; published 99.9", 99.5, 100, spike, SUCCESS, 1, "%"));
        rows.add(row("21", "and attempts; published 3,388", 3_220, 3_560, spike, ATTEMPTS, 0, ""));
        List<WholeCalls.Result> fast503s = reference(DialogueScenarios.fast503s(), balanced);
        rows.add(row(
                "21", "fast_503s_then_revert, balanced: success; published 100", 100, 100, fast503s, SUCCESS, 1, "%"));
        rows.add(row(
                "21", "and attempts for 45,000 calls; published 45,040", 45_030, 45_050, fast503s, ATTEMPTS, 0, ""));
        fast503s = reference(DialogueScenarios.fast503s(), DialogueClient.Options.pinned(4));
        rows.add(row(
                "21",
                "the same, pinned, four of ten clients to the bad one; published 45,004",
                45_004,
                45_004,
                fast503s,
                ATTEMPTS,
                0,
                ""));
        List<WholeCalls.Result> thresholds = reference(DialogueScenarios.thresholds(500), get);
        rows.add(row(
                "21",
                "slowdown_and_error_thresholds, limited: success; published 100",
                99.9,
                100,
                thresholds,
                SUCCESS,
                1,
                "%"));
        rows.add(row(
                "21", "and attempts for 10,000 calls; published 12,060", 11_460, 12_660, thresholds, ATTEMPTS, 0, ""));
        rows.add(row("21", "and mean; published 178.8 s", 161_000, 197_000, thresholds, MEAN, 0, "ms"));
        thresholds = reference(DialogueScenarios.thresholds(500), get.unlimited());
        rows.add(row(
                "21",
                "slowdown_and_error_thresholds, unlimited: success; published 3.6",
                3.4,
                3.8,
                thresholds,
                SUCCESS,
                1,
                "%"));
        rows.add(row("21", "and attempts; published 49,335", 48_800, 49_800, thresholds, ATTEMPTS, 0, ""));
        return rows;
    }

    /** The same for the default policy with its breakers and retries: what it must reach. */
    List<Row> ofOurs() {
        List<Row> rows = new ArrayList<>();
        List<WholeCalls.Result> seen = ours(Published.blackHole(), builder -> builder);
        rows.add(row("17", "black_hole, nothing times out: success", 91.4, MOST, seen, SUCCESS, 1, "%"));
        seen = ours(DialogueScenarios.fast503s(), builder -> builder);
        rows.add(row("21", "fast_503s_then_revert: success", 100, MOST, seen, SUCCESS, 1, "%"));
        seen = ours(DialogueScenarios.oneBigSpike(), builder -> builder.rateLimit(waiting(500, 100)));
        rows.add(row(
                "21",
                "one_big_spike, a rate limit that waits, 500 a second and 100 at once: success",
                100,
                MOST,
                seen,
                SUCCESS,
                1,
                "%"));
        rows.add(row("21", "and attempts for 1,000 calls", LEAST, 1_000, seen, ATTEMPTS, 0, ""));
        rows.add(row("21", "and mean", LEAST, 1_580, seen, MEAN, 0, "ms"));
        seen = ours(DialogueScenarios.thresholds(500), builder -> builder.rateLimit(waiting(5, 5)));
        rows.add(row(
                "21",
                "slowdown_and_error_thresholds, a rate limit that waits, 5 a second for each client: success",
                100,
                MOST,
                seen,
                SUCCESS,
                1,
                "%"));
        rows.add(row("21", "and attempts for 10,000 calls", LEAST, 12_060, seen, ATTEMPTS, 0, ""));
        rows.add(row("21", "and mean", LEAST, 178_800, seen, MEAN, 0, "ms"));
        return rows;
    }

    /** The same with other options or none: shown, not demanded. */
    List<Row> ofOursElsewhere() {
        UnaryOperator<FairleadBuilder> limited = builder -> builder.concurrencyLimits(ConcurrencyLimits.defaults());
        UnaryOperator<FairleadBuilder> on500 =
                builder -> builder.retries(Retries.defaults().withResend(Retries.Resend.IDEMPOTENT_ON_500));
        List<Row> rows = new ArrayList<>();
        List<WholeCalls.Result> seen = ours(DialogueScenarios.fast400s(), builder -> builder);
        rows.add(row("19", "fast_400s_then_revert: 400s of 6,000", LEAST, 385, seen, BAD_REQUESTS, 0, ""));
        seen = ours(DialogueScenarios.fast503s(), builder -> builder);
        rows.add(row("21", "fast_503s_then_revert: attempts for 45,000 calls", LEAST, 45_040, seen, ATTEMPTS, 0, ""));
        rows.add(spike("no option", builder -> builder));
        rows.add(spike("concurrency limits", limited));
        rows.add(threshold("500s sent again", 500, on500));
        rows.add(threshold("the same with concurrency limits", 500, builder -> limited.apply(on500.apply(builder))));
        rows.add(threshold("servers that say 503 instead, concurrency limits", 503, limited));
        return rows;
    }

    private Row spike(String options, UnaryOperator<FairleadBuilder> builder) {
        List<WholeCalls.Result> seen = ours(DialogueScenarios.oneBigSpike(), builder);
        return row("21", "one_big_spike, " + options + ": success", 99.9, MOST, seen, SUCCESS, 1, "%");
    }

    private Row threshold(String options, int status, UnaryOperator<FairleadBuilder> builder) {
        List<WholeCalls.Result> seen = ours(DialogueScenarios.thresholds(status), builder);
        String what = "slowdown_and_error_thresholds, " + options + ": success";
        return row("21", what, 3.6, MOST, seen, SUCCESS, 1, "%");
    }

    /** As long as it takes. */
    private static RateLimit waiting(double perSecond, int burst) {
        return RateLimit.of(perSecond, burst).withMaxWait(Duration.ofMinutes(10));
    }

    private List<WholeCalls.Result> reference(Scenario scenario, DialogueClient.Options options) {
        return run(scenario, (network, client) -> new DialogueClient(network, client, options));
    }

    private List<WholeCalls.Result> ours(Scenario scenario, UnaryOperator<FairleadBuilder> options) {
        return run(scenario, (network, client) -> new FairleadCaller(network, client, options));
    }

    private List<WholeCalls.Result> run(Scenario scenario, Caller.Factory factory) {
        return LongStream.rangeClosed(1, seeds)
                .mapToObj(seed -> WholeCalls.run(scenario, factory, seed))
                .toList();
    }

    private static Row row(
            String number,
            String what,
            double low,
            double high,
            List<WholeCalls.Result> seen,
            ToDoubleFunction<WholeCalls.Result> figure,
            int digits,
            String unit) {
        double[] values = seen.stream().mapToDouble(figure).sorted().toArray();
        return Row.between(number, what, low, high, values[(values.length - 1) / 2], digits, unit);
    }
}
