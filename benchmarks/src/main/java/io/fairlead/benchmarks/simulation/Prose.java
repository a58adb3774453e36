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
            The bands are medians over five seeds, or 25 of a newcomer, the catalogue's figures over %s; in brackets the least and the greatest, where
            they differ and matter. A failed call counts in the latencies as one that lasted as long as the caller would have waited,
            so that failing fast never looks good.

            Policies run by themselves, and, where it says "+ ejection", with what surrounds them by default: a circuit breaker for
            each instance and the comparison with peers. Calls are never retried here, so a failure seen is a failure counted.
            """;

    static final String THEORY =
            "If the simulator misses these, nothing below counts. A service time is the mean work of a call.";

    static final String BANDS =
            "The bands the default policy must meet in published experiments and in those of the prototype it"
                    + " comes from. A test runs them also without in-flight in its cost, and at least three must then be missed"
                    + " (`AdaptiveBandsTest`). Ten servers of eight workers, 20 ms of exponential work, 20 clients, 70 % load, unless it says"
                    + " otherwise.";

    static final String ELSEWHERE =
            "The same targets where they are not demanded. Ejection doubles its wait with each failed probe"
                    + " (5, 10, 20 s, up to 60 s), so after half a minute of failures it comes back later than the policy alone, and"
                    + " lets fewer calls fail meanwhile. And a newcomer may stay cold longer: when the time a call takes falls evenly"
                    + " from ten times to once, 19 % of its calls take more than 180 ms, so that a share of 1 % alone is worth 0.19 % of"
                    + " all calls: a p99.9 of 180 ms and a share of 1 % exclude each other there. With slow start the newcomer's own"
                    + " latency is not held against it ([why](../../docs/decisions/0006-a-newcomer-is-held-back-once.md)), so it"
                    + " costs what the prototype's two choices with a ramp cost: 123 and 350 ms.";

    static final String OTHERS =
            "What others published, or the prototype saw, of other policies. The prototype's pauses are not"
                    + " what it says they are: a server that loses one second in twenty can not make round robin's p99 23.8 s, because what"
                    + " piles up in a second (280 calls, of a server that works off 400 a second) is gone two seconds later. Its two"
                    + " choices fit pauses of 1.75 s, its round robin pauses of 8 s; no one pause fits both, so those two rows differ, and the default policy is held to its bands under the pauses as described.";

    static final String RETRIES =
            "Whole calls through `Fairlead.callAsync`, 1,000 a second for half a minute, answered after 10 ms,"
                    + " up to two retries. Expected are the published tables; an attempt fails with the probability given, whatever"
                    + " instance it goes to.";

    static final String DIALOGUE =
            "Palantir publishes simulations of Dialogue, its HTTP client, with every figure. A client written here from"
                    + " the description of its score, limits, queue and retries (it is not Dialogue) must come to the same: then"
                    + " the servers and the traffic are theirs, and what follows compares like with like. How many clients are"
                    + " pinned to the bad instance is chance; it is the number of the published run.";

    static final String DIALOGUE_OURS =
            "The default policy with its breakers, retries and budget in the same scenarios; expected are the published"
                    + " figures of Dialogue with its limiter. Dialogue lets calls wait without end when all servers are full."
                    + " Fairlead rejects at once unless it is asked to wait, and asking is a rate limit with a wait: then a spike"
                    + " and a tenfold overload end well, sooner than there, at the price of a number somebody must know.";

    static final String DIALOGUE_ELSEWHERE =
            "Where nothing waits, what the servers can not take within the call is lost; the most that can succeed then"
                    + " is 20 % of the spike (200 of 1,000 calls fit) and about 12 % of the overload. A 429 or a 500 does not"
                    + " move our concurrency limit (a 429 is not the instance's, a 500 mostly a bug), a 503 does. A 400 is the"
                    + " caller's fault by every rule of HTTP and blames nobody here; a server that answers 400 six times faster"
                    + " than others work gets more calls for it. And a breaker takes five failures to open where Dialogue's"
                    + " score takes one, of 45,000.";

    static final String EQUALS =
            "Equal servers whose service times scatter (lognormal), so that whoever goes by latency is led by luck. Seconds in"
                    + " which the busiest got 2.5 times what the idlest did, and the worst ten seconds of a minute, as means over 3, 5"
                    + " and 20 servers and 1 and 10 clients. Expected is what `least_request` shows on the same work, for it goes by"
                    + " load and not by luck: at most 1.5 times as many such seconds (or half a percent), at most 1.2 times its worst"
                    + " ten. Where a row differs it is at 2,000 calls a second and σ 1.2: two outliers in a row are then no"
                    + " rarity, and half a second without one of twenty servers makes a second uneven.";

    static final String SLOW =
            "One of five servers takes twice as long from a moment on, 200 calls a second, one client: when the second that"
                    + " begins has less than half its share, median over twenty seeds. Expected is what was measured elsewhere of"
                    + " the moving average there was before; by the measure of these rows that took 2.00, 1.75, 4.25 and 7.25 s.";

    static final String RETURNS =
            "One of five servers is well again after half a minute of calls 50 ms longer, of refused connections, or joins; 200"
                    + " calls a second, one client, twenty seeds. Its peers' calls were 10 ms longer in the last two seconds before the"
                    + " repair: they remember, it does not. Half its share counts from the repair, or from the moment the breaker"
                    + " closed. With slow start (ten seconds after an ejection, thirty for a newcomer, from a tenth) half its share"
                    + " takes as long as slow start says; there only its most is shown.";

    static final String WEIGHTS =
            "Weights that follow health, on top of `least_request`: bands alone move a level twenty times a minute, with"
                    + " hysteresis and the comparison with peers next to never, and the tail of a slow server gets better. Six"
                    + " servers of eight workers, 150 ms of exponential work, ten clients, 80 % load, five minutes; expected is"
                    + " what the prototype saw, with room.";

    static final String HASHING =
            "The production pickers of `maglev` and `ring_hash` over equal instances, unless weights are given; 200,000 keys,"
                    + " the mean of four leavers. What must move is what the leaver had. That one comes is the same the other way"
                    + " round. The paper's own way to fill a table moved 2 % beyond the necessary at 10, 57 % at 100, 467 % at 500,"
                    + " 333 % at 1,000, 687 % at 3,000, and all keys where the table's size changes"
                    + " ([why](../../docs/decisions/0017-slots-are-matched-stably.md)).";

    static final String TARGETS =
            "The published sequences, tables, theorems and experiments that concern choosing instances, retrying and"
                    + " ejecting, by their number in the project's list of targets, and where each is proven: the rows above, and"
                    + " tests, by module. A test fails when a row or a test named here is not there. A row that is not met is"
                    + " explained where it stands.";

    static final String CATALOGUE = """
            Ten servers of eight workers, 20 ms of exponential work, 20 clients, a timeout of 1 s, unless the scenario says otherwise.
            Every policy on the class path takes part and, where reading every instance takes no hours, two baselines; those of
            10,000 servers run with one seed, and of 200 clients with three policies, because each client is a production balancer
            that knows every instance, with less than 1 KiB for each (`ClientFootprintTest`): up to 2 GB together. All figures, also
            those the tables leave out, are in [figures.csv](figures.csv).
            "Detected after": until the bad instances' share over the last second is below half of what is fair; "recovered after":
            the same the other way after the repair. "Healthy ejected" are ejections of servers that serve as they should. Jain's
            index is 1 when all get the same. "Work for nobody" is done after the caller stopped waiting. `least_of_all` reads every instance; `oracle` reads the servers' true queues and
            speeds, which nobody can.
            """;
}
