// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import java.util.List;

/** Scenarios after those of Palantir's Dialogue: few servers, ten clients, an even pace. Stateless. */
final class DialogueScenarios {
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

    static Scenario fast400s() {
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
