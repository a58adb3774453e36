// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Call;
import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.Server;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * One run of a scenario in which clients make whole calls, with whatever retries, limits and queues they have. Calls come at
 * an even pace from clients drawn at random; the run ends when all have their result, or at the end of patience. For one
 * thread.
 */
public final class WholeCalls implements Server.Answers, Caller.Network {
    private final Scenario scenario;
    private final long seed;
    private final EventQueue queue = new EventQueue();
    private final List<Server> servers = new ArrayList<>();
    private final List<Call> attempts = new ArrayList<>();
    private final List<IntConsumer> waiting = new ArrayList<>();
    private final List<Caller> callers = new ArrayList<>();
    private final SplitMix clientOfCall;
    private final TreeMap<Integer, Integer> byStatus = new TreeMap<>();
    private final int callTarget;
    private double millis;
    private int ended;

    /**
     * What came of a run.
     *
     * @param calls how many there were
     * @param byStatus how many ended with each status; those without a result are in none
     * @param attempts sent to servers
     * @param meanMillis of the calls that ended
     */
    public record Result(int calls, TreeMap<Integer, Integer> byStatus, int attempts, double meanMillis) {
        public int with(int status) {
            return byStatus.getOrDefault(status, 0);
        }

        public double successPercent() {
            return 100.0 * with(Server.OK) / calls;
        }
    }

    WholeCalls(Scenario scenario, Caller.Factory factory, long seed) {
        this.scenario = scenario;
        this.seed = seed;
        this.clientOfCall = SplitMix.stream(seed, SplitMix.Purpose.CLIENT_OF_CALL, 0);
        this.callTarget = queue.register(unused -> call());
        scenario.servers().forEach(spec -> servers.add(new Server(spec, queue, seed, this)));
        for (int client = 0; client < scenario.clients(); client++) {
            callers.add(factory.newCaller(this, client));
        }
    }

    public static Result run(Scenario scenario, Caller.Factory factory, long seed) {
        return new WholeCalls(scenario, factory, seed).run();
    }

    private Result run() {
        double gap = 1e9 / scenario.arrivals().perSecond();
        int calls = (int) Math.round(scenario.seconds() * scenario.arrivals().perSecond());
        for (int i = 0; i < calls; i++) {
            queue.schedule(Math.round(i * gap), callTarget, 0);
        }
        double end = scenario.seconds() + scenario.drainSeconds();
        for (double at = 1; ended < calls && at <= end; at++) {
            queue.runUntil(Millis.secondsToNanos(at));
        }
        return new Result(calls, byStatus, attempts.size(), millis / ended);
    }

    private void call() {
        long start = queue.nanos();
        int client = (int) ((clientOfCall.nextLong() >>> 33) % callers.size());
        callers.get(client).call(status -> {
            ended++;
            millis += (queue.nanos() - start) / 1e6;
            byStatus.merge(status, 1, Integer::sum);
        });
    }

    @Override
    public void send(int server, IntConsumer answered) {
        Call attempt = new Call(attempts.size());
        attempt.number = attempts.size();
        attempts.add(attempt);
        waiting.add(answered);
        servers.get(server).take(attempt);
    }

    @Override
    public int servers() {
        return servers.size();
    }

    @Override
    public EventQueue queue() {
        return queue;
    }

    @Override
    public SplitMix randomOf(int client) {
        return SplitMix.stream(seed, SplitMix.Purpose.BALANCER, client);
    }

    @Override
    public Call call(int slot) {
        return attempts.get(slot);
    }

    @Override
    public void answer(Call attempt, int status) {
        waiting.get(attempt.slot).accept(status);
    }
}
