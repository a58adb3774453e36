// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Behaviour;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import io.fairlead.benchmarks.simulation.world.Speed;
import java.util.ArrayList;
import java.util.List;

/** Scenarios of the catalogue in which the list changes. Stateless. */
final class Changing {
    private static final double FOREVER = Double.POSITIVE_INFINITY;
    private static final double WARM_SECONDS = 20;

    private Changing() {}

    static List<Scenario> all() {
        return List.of(
                rollingDeploy(0),
                rollingDeploy(2),
                rollingDeployInBatches(),
                scaleOut(),
                flapping(),
                emptyList(),
                staleList(),
                zoneLoss());
    }

    /** Ten servers replaced one by one; each old one dies {@code lag} seconds before the registry knows. */
    static Scenario rollingDeploy(double lag) {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            double at = 20 + 6 * i;
            ServerSpec old = Catalogue.worker().listed(0, at);
            servers.add(lag > 0 ? old.dies(at - lag) : old);
        }
        for (int i = 0; i < 10; i++) {
            double at = 20 + 6 * i;
            servers.add(
                    Catalogue.worker().listed(at, FOREVER).speed(Speed.of(0.1).ramp(at, at + WARM_SECONDS, 0.1, 1)));
        }
        String how = lag > 0
                ? "killed " + Math.round(lag) + " s before the registry notices"
                : "taken off the list before it stops";
        return changing(
                "rolling_deploy" + (lag > 0 ? "_killed" : ""),
                "Ten servers are replaced one by one, six seconds apart, each " + how
                        + "; new ones are ten times slower and warm up within 20 s.",
                servers,
                1_600,
                100);
    }

    private static Scenario rollingDeployInBatches() {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            double at = 20 + 10 * (i / 3);
            servers.add(Catalogue.worker().listed(0, at).dies(at - 2));
            servers.add(
                    Catalogue.worker().listed(at, FOREVER).speed(Speed.of(0.1).ramp(at, at + WARM_SECONDS, 0.1, 1)));
        }
        return changing(
                "rolling_deploy_batches",
                "Twelve servers are replaced three at a time, ten seconds apart, killed 2 s before the registry notices; new ones are"
                        + " ten times slower and warm up within 20 s.",
                servers,
                1_900,
                80);
    }

    /** The registry says nothing for a minute. */
    private static Scenario staleList() {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            servers.add(i < 2 ? Catalogue.worker().listed(0, 80).dies(20).bad() : Catalogue.worker());
        }
        for (int i = 0; i < 2; i++) {
            servers.add(Catalogue.worker().listed(80, FOREVER));
        }
        return changing(
                        "stale_list",
                        "Two of ten servers are killed and replaced at 20 s; the registry, which is away, says so a minute later.",
                        servers,
                        2_000,
                        95)
                .fault(20, FOREVER);
    }

    private static Scenario scaleOut() {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            servers.add(
                    i < 10
                            ? Catalogue.worker()
                            : Catalogue.worker()
                                    .listed(20, FOREVER)
                                    .speed(Speed.of(0.1).ramp(20, 20 + WARM_SECONDS, 0.1, 1))
                                    .bad());
        }
        return changing(
                        "scale_out",
                        "Ten cold servers join ten warm ones at once, ten times slower, warm after 20 s. The chart shows the share of the new.",
                        servers,
                        2_800,
                        70)
                .fault(20, 40)
                .ofNewcomers();
    }

    private static Scenario flapping() {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ServerSpec server = Catalogue.worker();
            servers.add(i < 2 ? server.listedWhen(at -> at < 20 || at >= 50 || (long) (at / 2) % 2 == 0) : server);
        }
        Scenario scenario = changing(
                "flapping",
                "For half a minute the registry drops two of ten healthy servers and lists them again, every two seconds.",
                servers,
                2_400,
                70);
        for (int at = 20; at <= 50; at += 2) {
            scenario.publishAt(at);
        }
        return scenario;
    }

    private static Scenario emptyList() {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            servers.add(Catalogue.worker().listedWhen(at -> at < 20 || at >= 40));
        }
        return changing(
                        "empty_list",
                        "For 20 s the registry says that there are no instances; all of them work.",
                        servers,
                        2_000,
                        60)
                .publishAt(20)
                .publishAt(40);
    }

    private static Scenario zoneLoss() {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ServerSpec server = Catalogue.worker().zone("zone-" + i % 3);
            servers.add(
                    i % 3 == 0
                            ? server.then(20, Behaviour.REFUSES)
                                    .then(50, Behaviour.SERVES)
                                    .bad()
                            : server);
        }
        return changing(
                        "zone_loss",
                        "One of three zones, four of twelve servers, refuses connections for half a minute; the registry does not notice.",
                        servers,
                        2_400,
                        80)
                .crossZone(2)
                .fault(20, 50);
    }

    private static Scenario changing(
            String name, String sentence, List<ServerSpec> servers, double perSecond, double seconds) {
        return new Scenario(name, sentence, servers, 20, Arrivals.poisson(perSecond), seconds)
                .measuredFrom(5)
                .timeout(1_000)
                .inTime(200)
                .skew(500)
                .keys(10_000, 0);
    }
}
