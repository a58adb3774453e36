// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Scenarios of the catalogue in which nothing is broken: fairness, odd traffic, odd sizes. Stateless. */
final class Healthy {
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
        all.add(tenThousand(false));
        all.add(tenThousand(true));
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
                        "300 clients of one call a second each; one of ten servers fails at once for half a minute.",
                        failingFirst(10),
                        300,
                        Arrivals.poisson(300),
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
        Arrivals arrivals = Arrivals.poisson(1_200);
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

    private static Scenario tenThousand(boolean subsets) {
        Scenario scenario = new Scenario(
                        subsets ? "ten_thousand_subsets" : "ten_thousand",
                        "10,000 equal servers, ten clients of 1,000 calls a second each; 2 % of the capacity"
                                + (subsets ? "; each client calls a subset of 32." : "."),
                        Collections.nCopies(10_000, ServerSpec.queue(1, 100, Demand.exponential(20))),
                        10,
                        Arrivals.poisson(10_000),
                        6)
                .measuredFrom(1)
                .timeout(1_000)
                .inTime(200)
                .keys(10_000, 0);
        return subsets ? scenario.withSubsets() : scenario;
    }
}
