// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.api.EventListener;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.Verdict;
import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.LoopScheduler;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.NoGuard;
import io.fairlead.benchmarks.simulation.world.SimulatedRegistry;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * Whole calls on simulated time: {@code Fairlead.callAsync} with its retries, budget and throttle, through one or several
 * layers of services, each calling the next with a balancer of its own. For one thread.
 */
public final class CallWorld {
    private static final String SERVICE = "orders";
    private static final int INSTANCES = 10;
    private static final long ANSWER_NANOS = Millis.toNanos(10);

    private final EventQueue queue = new EventQueue();
    private final LoopScheduler scheduler = new LoopScheduler(queue);
    private final List<Fairlead> layers = new ArrayList<>();
    private final IntPredicate answersWell;
    private final int call;
    private long calls;
    private long succeeded;
    private int attemptsAtTheEnd;

    /**
     * A world.
     *
     * @param count layers, 1 or more
     * @param options applied to the balancer of each
     * @param answersWell whether the service at the end answers its n-th attempt well
     */
    public CallWorld(int count, UnaryOperator<FairleadBuilder> options, IntPredicate answersWell, long seed) {
        this.answersWell = answersWell;
        this.call = queue.register(unused -> call());
        for (int layer = 0; layer < count; layer++) {
            SplitMix random = SplitMix.stream(seed, SplitMix.Purpose.BALANCER, layer);
            Environment environment = new Environment(queue, scheduler, scheduler, random, EventListener.NONE);
            SimulatedRegistry registry = new SimulatedRegistry(SERVICE, queue, seed, 0);
            registry.publish(instances());
            FairleadBuilder builder = Fairlead.builder(registry)
                    .environment(environment)
                    .guard((instance, cap, shared) -> new NoGuard())
                    .health(HealthPolicy.defaults().withPeers(HealthPolicy.PeerRule.off()));
            Fairlead fairlead = options.apply(builder).build();
            fairlead.awaitReady(Duration.ZERO, SERVICE);
            layers.add(fairlead);
        }
    }

    /** Calls at an even pace for a while, from now on; counts anew. */
    public void run(int perSecond, int seconds) {
        calls = 0;
        succeeded = 0;
        attemptsAtTheEnd = 0;
        long start = queue.nanos();
        long gap = TimeUnit.SECONDS.toNanos(1) / perSecond;
        for (long second = 0; second < seconds; second++) {
            for (long i = 0; i < perSecond; i++) {
                queue.schedule(start + second * TimeUnit.SECONDS.toNanos(1) + i * gap, call, 0);
            }
            queue.runUntil(start + (second + 1) * TimeUnit.SECONDS.toNanos(1));
        }
    }

    public long nowNanos() {
        return queue.nanos();
    }

    public double attemptsPerCall() {
        return (double) attemptsAtTheEnd / calls;
    }

    double successRatio() {
        return (double) succeeded / calls;
    }

    public int attemptsAtTheEnd() {
        return attemptsAtTheEnd;
    }

    private void call() {
        calls++;
        var unused = through(0, 1).whenComplete((ok, failure) -> succeeded += failure == null && ok ? 1 : 0);
    }

    /** The call of one layer on behalf of an attempt of the layer before. */
    private CompletionStage<Boolean> through(int layer, int inboundAttempt) {
        CallSpec spec = CallSpec.of(SERVICE).onBehalfOf(inboundAttempt);
        return layers.get(layer).callAsync(spec, new Transport(layer));
    }

    private CompletionStage<Boolean> answer() {
        boolean well = answersWell.test(attemptsAtTheEnd++);
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        var unused = scheduler.schedule(() -> answer.complete(well), ANSWER_NANOS, TimeUnit.NANOSECONDS);
        return answer;
    }

    private static List<ServiceInstance> instances() {
        List<ServiceInstance> instances = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            instances.add(ServiceInstance.builder(SERVICE)
                    .id("orders-" + i)
                    .address("10.0.0." + (i + 1), 8080)
                    .build());
        }
        return instances;
    }

    /** Sends to the next layer, or to the end. A false answer is a 503. */
    private final class Transport implements AsyncTransport<Boolean> {
        private final int layer;

        Transport(int layer) {
            this.layer = layer;
        }

        @Override
        public CompletionStage<Boolean> send(Attempt attempt) {
            return layer + 1 < layers.size()
                    ? through(layer + 1, attempt.number()).exceptionally(failure -> false)
                    : answer();
        }

        @Override
        public Verdict judge(Boolean well) {
            return Verdict.ofStatus(well ? 200 : 503, null);
        }
    }
}
