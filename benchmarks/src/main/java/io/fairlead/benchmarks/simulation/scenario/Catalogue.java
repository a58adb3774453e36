// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Behaviour;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import io.fairlead.benchmarks.simulation.world.Speed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The scenarios every policy goes through. Stateless. */
public final class Catalogue {
    private static final double MEAN_MILLIS = 20;
    private static final int WORKERS = 8;
    private static final double FOREVER = Double.POSITIVE_INFINITY;
    private static final double TIMEOUT_MILLIS = 1_000;
    private static final int KEYS = 10_000;

    private Catalogue() {}

    public static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        all.addAll(Healthy.all());
        all.add(slowOne());
        all.add(gcPause());
        all.add(fastFail(1, 5));
        all.add(fastFail(1, 10));
        all.add(fastFail(1, 50));
        all.add(fastFail(3, 10));
        all.add(blackHole());
        all.add(lossy());
        all.add(noisyNeighbour());
        all.add(closedLoop());
        all.add(slowEverywhere());
        all.add(failingEverywhere());
        all.addAll(Changing.all());
        all.add(Published.blackHole());
        all.addAll(DialogueScenarios.all());
        return List.copyOf(all);
    }

    static Scenario slowOne() {
        return cluster(
                        "slow_one",
                        "One of ten servers works ten times slower for half a minute.",
                        10,
                        20,
                        0.6,
                        70,
                        i -> i == 0
                                ? worker().speed(Speed.of(1).dip(20, 30, 0.1)).bad()
                                : worker())
                .fault(20, 50);
    }

    private static Scenario gcPause() {
        Speed speed = Speed.of(1);
        for (double at = 10; at < 70; at += 10) {
            speed.dip(at, 1, 0.001);
        }
        return cluster(
                        "gc_pause",
                        "One of ten servers stands still for a second, every ten seconds.",
                        10,
                        20,
                        0.6,
                        70,
                        i -> i == 0 ? worker().speed(speed).bad() : worker())
                .fault(10, FOREVER);
    }

    public static Scenario fastFail(int failing, int of) {
        return cluster(
                        "fast_fail_" + failing + "_of_" + of,
                        failing + " of " + of + " servers answer every call with a 503 after 1 ms for half a minute.",
                        of,
                        20,
                        0.5,
                        70,
                        i -> i < failing
                                ? worker().then(20, Behaviour.failsFast(503, 1))
                                        .then(50, Behaviour.SERVES)
                                        .bad()
                                : worker())
                .fault(20, 50);
    }

    static Scenario blackHole() {
        return cluster(
                        "black_hole",
                        "One of ten servers takes calls and never answers, for half a minute; callers wait a second.",
                        10,
                        20,
                        0.5,
                        70,
                        i -> i == 0
                                ? worker().then(20, Behaviour.SWALLOWS)
                                        .then(50, Behaviour.SERVES)
                                        .bad()
                                : worker())
                .fault(20, 50);
    }

    private static Scenario lossy() {
        return cluster(
                        "lossy",
                        "A tenth of the calls to one of ten servers is lost on the way, for half a minute; callers wait a second.",
                        10,
                        20,
                        0.5,
                        70,
                        i -> i == 0
                                ? worker().then(20, Behaviour.loses(0.1))
                                        .then(50, Behaviour.SERVES)
                                        .bad()
                                : worker())
                .fault(20, 50);
    }

    private static Scenario noisyNeighbour() {
        return cluster(
                        "noisy_neighbour",
                        "Calls share the eight cores of their server; a neighbour takes six of them on one of ten for half a minute.",
                        10,
                        20,
                        0.6,
                        70,
                        i -> i == 0 ? sharing().antagonist(20, 50, 6).bad() : sharing())
                .fault(20, 50);
    }

    private static ServerSpec sharing() {
        return ServerSpec.sharing(WORKERS, Demand.exponential(MEAN_MILLIS));
    }

    /** The same fault as in {@link #slowOne}, but those who wait do not call meanwhile. */
    private static Scenario closedLoop() {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            servers.add(i == 0 ? worker().speed(Speed.of(1).dip(20, 30, 0.1)).bad() : worker());
        }
        return new Scenario(
                        "closed_loop",
                        "200 users wait for their answer, think for 50 ms and call again; one of ten servers works ten times slower"
                                + " for half a minute.",
                        servers,
                        20,
                        new ClosedLoop(200, 50),
                        70)
                .measuredFrom(5)
                .timeout(TIMEOUT_MILLIS)
                .inTime(200)
                .keys(KEYS, 0)
                .fault(20, 50);
    }

    private static Scenario slowEverywhere() {
        return cluster(
                "brownout_slow",
                "Every server works at half speed for half a minute, at a load that still fits.",
                10,
                20,
                0.4,
                70,
                i -> worker().speed(Speed.of(1).dip(20, 30, 0.5)));
    }

    private static Scenario failingEverywhere() {
        return cluster(
                "brownout_failing",
                "Every server fails 30 % of its calls for half a minute: nobody may be blamed.",
                10,
                20,
                0.5,
                70,
                i -> worker().then(20, Behaviour.fails(0.3, 503)).then(50, Behaviour.SERVES));
    }

    /** Servers of eight workers and 20 ms of exponential work, under this share of their capacity. */
    static Scenario cluster(
            String name,
            String sentence,
            int size,
            int clients,
            double load,
            double seconds,
            IntFunction<ServerSpec> server) {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            servers.add(server.apply(i));
        }
        double capacity = size * WORKERS * 1e3 / MEAN_MILLIS;
        return new Scenario(name, sentence, servers, clients, Arrivals.poisson(capacity * load), seconds)
                .measuredFrom(5)
                .timeout(TIMEOUT_MILLIS)
                .inTime(200)
                .keys(KEYS, 0);
    }

    static ServerSpec worker() {
        return ServerSpec.queue(WORKERS, 1_000, Demand.exponential(MEAN_MILLIS));
    }
}
