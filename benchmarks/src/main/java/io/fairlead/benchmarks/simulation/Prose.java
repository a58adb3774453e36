// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

/** What the report says besides figures. */
final class Prose {
    private Prose() {}

    static final String OPENING = """
            # What the simulator says

            <!-- Written by mvn -Psimulation -pl benchmarks -am -DskipTests package; the same seed writes the same bytes. -->

            Simulated servers, clients and time; real balancer. Every client of a scenario is a production `Fairlead`, and the
            simulator calls nothing but `acquire`, `complete` and `close`. Servers queue, slow down, pause, fail and vanish as each
            scenario says; how much work a call is depends only on its number, so every policy is compared on identical work.
            The bands are medians over five seeds, the catalogue's figures over %s; in brackets the least and the greatest, where
            they differ and matter. A failed call counts in the latencies as one that lasted as long as the caller would have waited,
            so that failing fast never looks good.

            Policies run by themselves, and, where it says "+ ejection", with what surrounds them by default: a circuit breaker for
            each instance and the comparison with peers. Calls are never retried here, so a failure seen is a failure counted.
            """;

    static final String THEORY =
            "If the simulator misses these, nothing below counts. A service time is the mean work of a call.";

    static final String BANDS =
            "The bands the default policy must meet in published experiments and in those of the prototype it"
                    + " comes from: ten servers of eight workers, 20 ms of exponential work, 20 clients, 70 % load, unless it says"
                    + " otherwise.";

    static final String ELSEWHERE =
            "The same targets where they are not demanded. Ejection doubles its wait with each failed probe"
                    + " (5, 10, 20 s, up to 60 s), so after half a minute of failures it comes back later than the policy alone, and"
                    + " lets fewer calls fail meanwhile. And a newcomer may stay cold longer: when the time a call takes falls evenly"
                    + " from ten times to once, 19 % of its calls take more than 180 ms, so that a share of 1 % alone is worth 0.19 % of"
                    + " all calls: a p99.9 of 180 ms and a share of 1 % exclude each other there.";

    static final String OTHERS = "What others published, or the prototype saw, of other policies. Where it differs, the"
            + " prototype's servers are not described well enough to rebuild them: how long its paused and cold servers stay slow"
            + " is a guess here.";

    static final String RETRIES =
            "Whole calls through `Fairlead.callAsync`, 1,000 a second for half a minute, answered after 10 ms,"
                    + " up to two retries. Expected are the published tables; an attempt fails with the probability given, whatever"
                    + " instance it goes to.";

    static final String CATALOGUE = """
            Ten servers of eight workers, 20 ms of exponential work, 20 clients, a timeout of 1 s, unless the scenario says otherwise.
            "Detected after": until the bad instances' share over the last second is below half of what is fair; "recovered after":
            the same the other way after the repair. `least_of_all` reads every instance; `oracle` reads the servers' true queues and
            speeds, which nobody can.
            """;
}
