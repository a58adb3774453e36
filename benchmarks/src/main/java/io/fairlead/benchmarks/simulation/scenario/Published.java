// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Behaviour;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import io.fairlead.benchmarks.simulation.world.Speed;
import java.util.ArrayList;
import java.util.List;

/** Experiments others published, and those whose bands the default policy must meet. Stateless. */
public final class Published {
    private static final double MEAN_MILLIS = 20;
    private static final double QUIET_MILLIS = 100;
    private static final int WORKERS = 8;
    private static final int SERVERS = 10;
    private static final int CLIENTS = 20;

    private Published() {}

    /** Buoyant, "Beyond round robin" (2016). */
    public static Scenario beyondRoundRobin() {
        List<ServerSpec> servers = new ArrayList<>();
        Demand usual = Demand.normal(167, 5);
        servers.add(ServerSpec.unlimited(usual)
                .demandBetween(15, 45, Demand.fixed(2_000))
                .bad());
        for (int i = 1; i < 11; i++) {
            servers.add(ServerSpec.unlimited(usual));
        }
        return new Scenario(
                        "beyond_round_robin",
                        "One of 11 servers takes 2 s instead of 167 ms for half a minute.",
                        servers,
                        1,
                        Arrivals.uniform(1_000),
                        60)
                .fault(15, 45)
                .inTime(1_000);
    }

    /** One client, 200 calls a second; one of ten fails at once for half a minute. */
    public static Scenario sinkhole() {
        List<ServerSpec> servers = new ArrayList<>();
        servers.add(ServerSpec.unlimited(Demand.exponential(QUIET_MILLIS))
                .then(20, Behaviour.failsFast(503, 1))
                .then(50, Behaviour.SERVES)
                .bad());
        for (int i = 1; i < SERVERS; i++) {
            servers.add(ServerSpec.unlimited(Demand.exponential(QUIET_MILLIS)));
        }
        return new Scenario(
                        "sinkhole",
                        "One of ten servers answers every call with a 503 after 1 ms for half a minute: it always looks idle.",
                        servers,
                        1,
                        Arrivals.poisson(200),
                        90)
                .fault(20, 50);
    }

    /** The same in a busy cluster of twenty clients. */
    public static Scenario busySinkhole() {
        return busy(
                        "busy_sinkhole",
                        "One of ten busy servers fails every call after 1 ms for half a minute.",
                        server().then(20, Behaviour.failsFast(503, 1)).then(50, Behaviour.SERVES),
                        0.7,
                        80)
                .fault(20, 50)
                .measuredFrom(10);
    }

    /** @param pause in seconds; published is 1 */
    public static Scenario gcPause(double pause) {
        Speed speed = Speed.of(1);
        for (double at = 10; at < 120; at += 20) {
            speed.dip(at, pause, 1 / 40.0);
        }
        return busy(
                        "gc_pause",
                        "One of ten servers is 40 times slower for a second, every 20 s.",
                        server().speedOfStart(speed),
                        0.7,
                        120)
                .fault(10, 120)
                .measuredFrom(5);
    }

    public static Scenario halfSpeed() {
        return busy(
                        "half_speed",
                        "One of ten servers works at half the speed of the others.",
                        server().speedOfStart(Speed.of(0.5)),
                        0.7,
                        60)
                .measuredFrom(5);
    }

    public static Scenario coldJoin(boolean slowStart) {
        ServerSpec cold = server().listed(20, Double.POSITIVE_INFINITY)
                .speedOfStart(Speed.of(0.1).ramp(20, 40, 0.1, 1));
        Scenario scenario = busy(
                        slowStart ? "cold_join" : "cold_join_at_once",
                        "A tenth server joins at 20 s, ten times slower than the others, and warms up within 20 s"
                                + (slowStart ? "." : "; no slow start."),
                        cold,
                        0.7,
                        40)
                .fault(20, 40)
                .measuredFrom(20);
        return slowStart ? scenario : scenario.withoutSlowStart();
    }

    /** As {@link #coldJoin}, but what falls evenly is the time a call takes, not what the speed lacks: longer cold. */
    public static Scenario longColdJoin(boolean slowStart) {
        Speed speed = Speed.of(0.1);
        for (int tenth = 0; tenth <= 200; tenth++) {
            speed.then(20 + tenth / 10.0, 1 / (10 - 9 * tenth / 200.0));
        }
        ServerSpec cold = server().listed(20, Double.POSITIVE_INFINITY).speedOfStart(speed);
        Scenario scenario = busy(
                        "long_cold_join",
                        "As before, but the time a call takes there falls evenly from ten times to once.",
                        cold,
                        0.7,
                        40)
                .fault(20, 40)
                .measuredFrom(20);
        return slowStart ? scenario : scenario.withoutSlowStart();
    }

    public static Scenario blackHole() {
        return new Scenario(
                        "dialogue_black_hole",
                        "One of two servers never answers again from the third second on; nothing times out.",
                        List.of(
                                ServerSpec.unlimited(Demand.fixed(600)),
                                ServerSpec.unlimited(Demand.fixed(600))
                                        .then(3, Behaviour.SWALLOWS)
                                        .bad()),
                        10,
                        Arrivals.uniform(200).fromRandomClients(true),
                        10)
                .fault(3, Double.POSITIVE_INFINITY);
    }

    /** Ten servers of eight workers, 20 ms of exponential work, twenty clients. */
    private static Scenario busy(String name, String sentence, ServerSpec first, double load, double seconds) {
        List<ServerSpec> servers = new ArrayList<>();
        servers.add(first.bad());
        for (int i = 1; i < SERVERS; i++) {
            servers.add(server());
        }
        double capacity = SERVERS * WORKERS * 1e3 / MEAN_MILLIS;
        return new Scenario(name, sentence, servers, CLIENTS, Arrivals.poisson(capacity * load), seconds);
    }

    private static ServerSpec server() {
        return ServerSpec.queue(WORKERS, Demand.exponential(MEAN_MILLIS));
    }
}
