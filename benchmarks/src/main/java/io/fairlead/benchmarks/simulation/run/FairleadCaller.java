// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.api.EventListener;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.Verdict;
import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.LoopScheduler;
import io.fairlead.benchmarks.simulation.world.SimulatedRegistry;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * A client that is a production {@link Fairlead} with its default policy, breakers and whatever options a row names; a call
 * is its {@code callAsync}. For one thread.
 */
public final class FairleadCaller implements Caller, AsyncTransport<Integer> {
    private static final int FIRST_PORT = 1_000;

    private final Network network;
    private final Fairlead fairlead;

    public FairleadCaller(Network network, int client, UnaryOperator<FairleadBuilder> options) {
        this.network = network;
        EventQueue queue = network.queue();
        LoopScheduler scheduler = new LoopScheduler(queue);
        SimulatedRegistry registry = new SimulatedRegistry(Simulation.SERVICE, queue, client, 0);
        registry.publish(instances(network.servers()));
        Environment environment =
                new Environment(queue, scheduler, scheduler, network.randomOf(client), EventListener.NONE);
        this.fairlead = options.apply(Fairlead.builder(registry).environment(environment))
                .build();
        fairlead.awaitReady(Duration.ZERO, Simulation.SERVICE);
    }

    @Override
    public void call(IntConsumer whenDone) {
        var unused = fairlead.callAsync(CallSpec.of(Simulation.SERVICE), this)
                .whenComplete((status, failure) -> whenDone.accept(status == null ? NO_ANSWER : status));
    }

    @Override
    public CompletionStage<Integer> send(Attempt attempt) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        network.send(attempt.instance().port() - FIRST_PORT, answer::complete);
        return answer;
    }

    @Override
    public Verdict judge(Integer status) {
        return Verdict.ofStatus(status, null);
    }

    private static List<ServiceInstance> instances(int count) {
        List<ServiceInstance> instances = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            instances.add(ServiceInstance.builder(Simulation.SERVICE)
                    .id("orders-" + i)
                    .address("10.0.0." + (i + 1), FIRST_PORT + i)
                    .build());
        }
        return instances;
    }
}
