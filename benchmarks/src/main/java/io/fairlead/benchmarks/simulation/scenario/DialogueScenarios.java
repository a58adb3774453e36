// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Behaviour;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.List;

/** Scenarios after those of Palantir's Dialogue: few servers, ten clients, an even pace. Stateless. */
public final class DialogueScenarios {
    private static final int CLIENTS = 10;
    private static final int CAPACITY = 60;

    private DialogueScenarios() {}

    static List<Scenario> all() {
        return List.of(
                unequal(),
                fast400s(),
                failing("dialogue_fast_500s", 250, 500, 10, "answers 500 after 10 ms"),
                failing("dialogue_slow_503s", 200, 503, 1_000, "answers 503 after a second"),
                drasticSlowdown(),
                allFail());
    }

    private static Scenario unequal() {
        return two(
                "dialogue_unequal",
                "Three servers of 600, 800 and 1,000 ms that nothing slows down, 11 calls a second for two minutes.",
                List.of(unlimited(600), unlimited(800), unlimited(1_000)),
                11,
                120);
    }

    public static Scenario fast400s() {
        return two(
                        "dialogue_fast_400s",
                        "One of two servers answers 400 in 20 ms instead of 200 in 120 ms, from 3 s to 30 s. A 400 is the caller's"
                                + " fault by every rule of HTTP, so nobody but Dialogue blames the server for it.",
                        List.of(
                                unlimited(120),
                                unlimited(120)
                                        .then(3, Behaviour.failsFast(400, 20))
                                        .then(30, Behaviour.SERVES)
                                        .bad()),
                        100,
                        60)
                .fault(3, 30);
    }

    /** One of two answers 503 at once for a minute; not in the catalogue, as those below. */
    public static Scenario fast503s() {
        return whole(
                "dialogue_fast_503s",
                500,
                90,
                CLIENTS,
                unlimited(120),
                unlimited(120).then(3, Behaviour.failsFast(503, 1e-5)).then(60, Behaviour.SERVES));
    }

    /** A thousand calls of one client at once; each of two servers answers 429 beyond 100. */
    public static Scenario oneBigSpike() {
        ServerSpec one = unlimited(150).failsAbove(100, 429);
        return whole("dialogue_one_big_spike", 30_000, 1_000 / 30_000.0, 1, one, one);
    }

    /** Ten times what three servers can take: they slow down as they fill, five times beyond 30, and fail beyond 40. */
    public static Scenario thresholds(int status) {
        return whole(
                "dialogue_thresholds",
                500,
                20,
                CLIENTS,
                ServerSpec.linear(600, 30).failsAbove(40, status),
                ServerSpec.linear(800, 30).failsAbove(40, status),
                ServerSpec.linear(1_000, 30).failsAbove(40, status));
    }

    private static Scenario whole(String name, double perSecond, double seconds, int clients, ServerSpec... servers) {
        return new Scenario(name, "", List.of(servers), clients, Arrivals.uniform(perSecond), seconds).drain(600);
    }

    private static Scenario failing(String name, double perSecond, int status, double millis, String what) {
        return two(
                        name,
                        "One of two servers " + what + " from 3 s to 10 s; both slow down as they fill.",
                        List.of(
                                linear(60),
                                linear(60)
                                        .then(3, Behaviour.failsFast(status, millis))
                                        .then(10, Behaviour.SERVES)
                                        .bad()),
                        perSecond,
                        20)
                .fault(3, 10);
    }

    private static Scenario drasticSlowdown() {
        return two(
                        "dialogue_drastic_slowdown",
                        "One of two servers takes 10 s instead of 60 ms from 3 s to 10 s; nothing times out.",
                        List.of(
                                linear(60),
                                linear(60)
                                        .demandBetween(3, 10, Demand.fixed(10_000))
                                        .bad()),
                        200,
                        20)
                .fault(3, 10);
    }

    private static Scenario allFail() {
        return two(
                "dialogue_all_nodes_500",
                "Both servers answer 500 after 600 ms for the first 10 of 20 s.",
                List.of(recovering(), recovering()),
                100,
                20);
    }

    private static ServerSpec recovering() {
        return unlimited(600).then(0, Behaviour.failsFast(500, 600)).then(10, Behaviour.SERVES);
    }

    private static ServerSpec unlimited(double millis) {
        return ServerSpec.unlimited(Demand.fixed(millis));
    }

    private static ServerSpec linear(double millis) {
        return ServerSpec.linear(millis, CAPACITY);
    }

    private static Scenario two(
            String name, String sentence, List<ServerSpec> servers, double perSecond, double seconds) {
        return new Scenario(name, sentence, servers, CLIENTS, Arrivals.uniform(perSecond), seconds).keys(10_000, 0);
    }
}
