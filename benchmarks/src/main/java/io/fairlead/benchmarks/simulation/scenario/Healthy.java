// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Behaviour;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import io.fairlead.benchmarks.simulation.world.Speed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Scenarios of the catalogue in which nothing is broken: fairness, odd traffic, odd sizes. Stateless. */
public final class Healthy {
    private Healthy() {}

    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        for (double load : new double[] {0.5, 0.7, 0.9}) {
            all.add(homogeneous(load));
        }
        all.add(heterogeneous());
        all.add(heavyTail());
        all.add(hotKey());
        all.add(lowRate());
        all.add(burst());
        all.add(trace());
        all.add(oscillation());
        all.add(tenThousandOfTen());
        all.add(tenThousandOfMany(false));
        all.add(tenThousandOfMany(true));
        return all;
    }

    static Scenario homogeneous(double load) {
        return Catalogue.cluster(
                "homogeneous_" + Math.round(load * 100),
                "Ten equal servers at " + Math.round(load * 100) + " % of their capacity.",
                10,
                20,
                load,
                45,
                i -> Catalogue.worker());
    }

    private static Scenario heterogeneous() {
        return Catalogue.cluster(
                "heterogeneous",
                "Of ten servers one works at half speed, two at double speed, two lose a fifth of their speed to a neighbour.",
                10,
                20,
                0.7,
                45,
                i -> Catalogue.worker().speed(Speed.of(i == 0 ? 0.5 : i < 3 ? 2 : i < 5 ? 0.8 : 1)));
    }

    private static Scenario heavyTail() {
        return new Scenario(
                        "heavy_tail",
                        "Ten equal servers whose work has a heavy tail (lognormal, σ = 1): who is unlucky is not bad.",
                        Collections.nCopies(10, ServerSpec.queue(8, 1_000, Demand.lognormal(20, 1))),
                        20,
                        Arrivals.poisson(2_400),
                        65)
                .measuredFrom(5)
                .timeout(2_000)
                .inTime(200)
                .keys(10_000, 0);
    }

    private static Scenario hotKey() {
        return Catalogue.cluster(
                        "hot_key",
                        "Twenty equal servers; keys of calls are Zipf-distributed, the hottest a tenth of all. Matters to hashes.",
                        20,
                        20,
                        0.5,
                        45,
                        i -> Catalogue.worker())
                .keys(10_000, 1);
    }

    private static Scenario lowRate() {
        return new Scenario(
                        "low_rate",
                        "1,000 clients of one call a second each; one of ten servers fails at once for half a minute.",
                        failingFirst(10),
                        1_000,
                        Arrivals.poisson(1_000),
                        70)
                .measuredFrom(5)
                .timeout(1_000)
                .inTime(200)
                .keys(10_000, 0)
                .fault(20, 50);
    }

    private static List<ServerSpec> failingFirst(int size) {
        List<ServerSpec> servers = new ArrayList<>();
        servers.add(Catalogue.worker()
                .then(20, Behaviour.failsFast(503, 1))
                .then(50, Behaviour.SERVES)
                .bad());
        for (int i = 1; i < size; i++) {
            servers.add(Catalogue.worker());
        }
        return servers;
    }

    private static Scenario burst() {
        Paced arrivals = Arrivals.poisson(1_200);
        for (int at = 10; at < 40; at += 10) {
            arrivals = arrivals.then(at, 5_000).then(at + 0.5, 1_200);
        }
        return new Scenario(
                        "burst",
                        "Ten equal servers at 30 %, and every ten seconds half a second of 125 %.",
                        Collections.nCopies(10, Catalogue.worker()),
                        20,
                        arrivals,
                        45)
                .measuredFrom(5)
                .timeout(1_000)
                .inTime(200)
                .keys(10_000, 0);
    }

    /** Servers read by everybody at a rate at which two milliseconds are sixteen calls. */
    private static Scenario oscillation() {
        return new Scenario(
                        "oscillation",
                        "Twenty equal servers of two workers and 4 ms of work, at 80 %: within two milliseconds come sixteen calls,"
                                + " so whoever goes by what servers said two milliseconds ago sends all of them to one.",
                        Collections.nCopies(20, ServerSpec.queue(2, 1_000, Demand.exponential(4))),
                        20,
                        Arrivals.poisson(8_000),
                        15)
                .measuredFrom(2)
                .timeout(1_000)
                .inTime(40)
                .keys(10_000, 0)
                .withStaleViews();
    }

    /** A recorded trace instead of a rate. */
    private static Scenario trace() {
        return new Scenario(
                        "trace",
                        "Four servers of two workers; calls come from a trace of bursts, 120 a second and at times 520, of which 400 fit.",
                        Collections.nCopies(4, ServerSpec.queue(2, 1_000, Demand.exponential(20))),
                        4,
                        Trace.resource("bursty.trace"),
                        12)
                .timeout(1_000)
                .inTime(200)
                .keys(10_000, 0);
    }

    private static Scenario tenThousandOfTen() {
        return tenThousand(
                        "ten_thousand_few_clients",
                        "10,000 equal servers, ten clients of 1,000 calls a second each; 2 % of the capacity.",
                        10,
                        10_000,
                        6)
                .measuredFrom(1);
    }

    /** Two hundred clients, and a list that changes for all of them at once. */
    private static Scenario tenThousandOfMany(boolean subsets) {
        Scenario scenario = tenThousand(
                        subsets ? "ten_thousand_subsets" : "ten_thousand",
                        "10,000 servers, 200 clients of 50 calls a second each; after two seconds all clients hear at once of 100 more"
                                + " servers, whose share is shown"
                                + (subsets ? "; each client calls a subset of 32." : "."),
                        200,
                        10_100,
                        5)
                .fault(2, 5)
                .ofNewcomers()
                .large();
        return subsets ? scenario.withSubsets() : scenario;
    }

    private static Scenario tenThousand(String name, String sentence, int clients, int size, double seconds) {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            ServerSpec server = ServerSpec.queue(1, 100, Demand.exponential(20));
            servers.add(
                    i < 10_000
                            ? server
                            : server.listed(2, Double.POSITIVE_INFINITY).bad());
        }
        return new Scenario(name, sentence, servers, clients, Arrivals.poisson(10_000), seconds)
                .timeout(1_000)
                .inTime(200)
                .keys(10_000, 0);
    }
}
