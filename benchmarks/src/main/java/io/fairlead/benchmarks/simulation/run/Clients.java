// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.Subsetting;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.LoopScheduler;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.NoGuard;
import io.fairlead.benchmarks.simulation.world.Server;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import io.fairlead.benchmarks.simulation.world.SimulatedRegistry;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The clients of a run, each a production {@link Fairlead} with its own randomness, on the run's time. For one thread. */
final class Clients {
    private static final int FIRST_PORT = 1_000;

    private final Scenario scenario;
    private final List<ServiceInstance> instances = new ArrayList<>();
    private final List<Fairlead> balancers = new ArrayList<>();
    private final SimulatedRegistry registry;
    private final List<String> zones;

    Clients(
            Scenario scenario,
            Contender contender,
            long seed,
            EventQueue queue,
            List<Server> servers,
            Recorder recorder) {
        this.scenario = scenario;
        this.registry = new SimulatedRegistry(Simulation.SERVICE, queue, seed, scenario.skewNanos());
        this.zones = scenario.servers().stream()
                .map(ServerSpec::zone)
                .filter(zone -> !zone.isEmpty())
                .distinct()
                .toList();
        for (int i = 0; i < servers.size(); i++) {
            instances.add(instance(i, servers.get(i).spec()));
        }
        publish(0);
        int target = queue.register(milli -> publish(milli / 1e3));
        for (double time : scenario.publishTimes()) {
            queue.schedule(Millis.secondsToNanos(time), target, (int) Math.round(time * 1e3));
        }
        BalancingPolicy policy = contender.policy().apply(servers);
        LoopScheduler scheduler = new LoopScheduler(queue);
        EventListener listener = new Ears(recorder, queue);
        for (int i = 0; i < scenario.clients(); i++) {
            SplitMix random = SplitMix.stream(seed, SplitMix.Purpose.BALANCER, i);
            Environment environment = new Environment(queue, scheduler, scheduler, random, listener);
            FairleadBuilder builder =
                    Fairlead.builder(registry).environment(environment).policy(policy);
            if (!scenario.subsets()) {
                builder.subsetting(Subsetting.off());
            }
            if (!contender.guarded()) {
                builder.guard((instance, cap, shared) -> new NoGuard())
                        .health(HealthPolicy.defaults().withPeers(HealthPolicy.PeerRule.off()));
            }
            if (!scenario.slowStart()) {
                builder.slowStart(Duration.ZERO);
            }
            Fairlead fairlead = contender.options().apply(builder).build();
            fairlead.awaitReady(Duration.ZERO, Simulation.SERVICE);
            balancers.add(fairlead);
        }
    }

    Fairlead of(int client) {
        return balancers.get(client);
    }

    List<Fairlead> all() {
        return balancers;
    }

    static int serverOf(ServiceInstance instance) {
        return instance.port() - FIRST_PORT;
    }

    /** What an answer takes from another zone to the client's own. */
    long distanceNanos(int client, int server) {
        boolean near =
                zones.isEmpty() || scenario.servers().get(server).zone().equals(zones.get(client % zones.size()));
        return near ? 0 : scenario.crossZoneNanos();
    }

    void close() {
        balancers.forEach(Fairlead::close);
    }

    private void publish(double seconds) {
        List<ServiceInstance> listed = new ArrayList<>();
        for (int i = 0; i < instances.size(); i++) {
            if (scenario.servers().get(i).isListed(seconds)) {
                listed.add(instances.get(i));
            }
        }
        registry.publish(listed);
    }

    private static ServiceInstance instance(int index, ServerSpec spec) {
        return ServiceInstance.builder(Simulation.SERVICE)
                .id("orders-" + index)
                .address("10.0." + index / 250 + "." + (index % 250 + 1), FIRST_PORT + index)
                .zone(spec.zone())
                .build();
    }

    /** Counts what the report tells of ejections. */
    private record Ears(Recorder recorder, EventQueue queue) implements EventListener {
        @Override
        public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
            if (to == GuardState.OPEN) {
                recorder.ejected(serverOf(instance), queue.nanos());
            } else if (to == GuardState.CLOSED) {
                recorder.admitted(serverOf(instance), queue.nanos());
            }
        }

        @Override
        public void onPanic(String service, boolean panicking) {
            recorder.panicked(panicking, queue.nanos());
        }

        @Override
        public void onWeightLevelChanged(ServiceInstance instance, int from, int to, String evidence) {
            recorder.levelMoved();
        }
    }
}
