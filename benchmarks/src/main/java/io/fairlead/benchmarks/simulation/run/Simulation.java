// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.Verdict;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Call;
import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.Server;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * One run of one scenario with one policy and one seed: calls come, the production balancer of their client picks, servers
 * answer, the balancer hears of it. For one thread; everything a run touches belongs to it.
 */
public final class Simulation implements Server.Answers {
    static final String SERVICE = "orders";
    private static final int MOST_TO_COUNT = 100_000;

    private final Scenario scenario;
    private final long seed;
    private final EventQueue queue = new EventQueue();
    private final List<Server> servers = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<Call> spare = new ArrayList<>();
    private final Clients clients;
    private final Recorder recorder;
    private final Keys keys;
    private final Traffic traffic;
    private final BitSet[] used;
    private final int timeoutTarget;
    private final int answerTarget;
    private final boolean reportsLoad;
    private long callsSoFar;
    private int openAttempts;

    public Simulation(Scenario scenario, Contender contender, long seed) {
        this.scenario = scenario;
        this.seed = seed;
        this.recorder = new Recorder(scenario);
        this.keys = new Keys(scenario.keys(), scenario.keySkew(), seed);
        this.traffic = new Traffic(scenario, seed, queue, this::arrive);
        this.timeoutTarget = queue.register(this::timeOut);
        this.answerTarget = queue.register(slot -> decide(calls.get(slot), calls.get(slot).status));
        scenario.servers().forEach(spec -> servers.add(new Server(spec, queue, seed, this)));
        this.clients = new Clients(scenario, contender, seed, queue, servers, recorder);
        this.used = new BitSet[scenario.clients()];
        for (int i = 0; i < used.length; i++) {
            used[i] = new BitSet();
        }
        this.reportsLoad = contender.name().startsWith("prequal");
    }

    public static Outcomes run(Scenario scenario, Contender contender, long seed) {
        Simulation simulation = new Simulation(scenario, contender, seed);
        return simulation.run();
    }

    public Outcomes run() {
        begin();
        runUntil(scenario.seconds());
        return end();
    }

    /** Schedules the first call. */
    public void begin() {
        traffic.begin();
    }

    public void runUntil(double seconds) {
        queue.runUntil(Millis.secondsToNanos(seconds));
    }

    /** Lets what is under way end; what has no answer by then has failed. */
    public Outcomes end() {
        for (int second = 1; openAttempts > 0 && second <= scenario.drainSeconds(); second++) {
            runUntil(scenario.seconds() + second);
        }
        for (Call call : calls) {
            if (call.holders > 0 && !call.decided) {
                recorder.decided(call.startNanos, queue.nanos(), false);
            }
        }
        checkConservation();
        int longest = servers.stream().mapToInt(Server::longestQueue).max().orElse(0);
        Outcomes outcomes = recorder.outcomes(longest, used);
        clients.close();
        return outcomes;
    }

    private void checkConservation() {
        boolean isSmall = (long) servers.size() * scenario.clients() <= MOST_TO_COUNT;
        if (recorder.outstanding() != 0 || isSmall && inFlight() != openAttempts) {
            throw new IllegalStateException("calls without a result: " + recorder.outstanding()
                    + ", attempts in flight: " + inFlight() + " (expected: 0 and " + openAttempts + ")");
        }
    }

    /** Attempts that were started and not closed. */
    public int openAttempts() {
        return openAttempts;
    }

    /** What all balancers together believe to be in flight. */
    public int inFlight() {
        int sum = 0;
        for (Fairlead fairlead : clients.all()) {
            ServiceStatus status = fairlead.status(SERVICE);
            if (status != null) {
                sum += status.instances().stream()
                        .mapToInt(view -> view.inFlight())
                        .sum();
            }
        }
        return sum;
    }

    /** Calls that each server holds now. */
    int[] loads() {
        return servers.stream().mapToInt(Server::load).toArray();
    }

    @Override
    public Call call(int slot) {
        return calls.get(slot);
    }

    @Override
    public void answer(Call call, int status) {
        if (call.workNanos > 0) {
            recorder.worked(call.decided);
        }
        call.status = status;
        long away = clients.distanceNanos(call.client, call.server);
        if (away > 0 && !call.decided) {
            queue.schedule(queue.nanos() + away, answerTarget, call.slot);
            return;
        }
        decide(call, status);
    }

    private void decide(Call call, int status) {
        if (!call.decided) {
            Attempt attempt = call.attempt;
            if (reportsLoad && attempt != null && status == Server.OK) {
                attempt.reportLoad(
                        "TEXT named_metrics.rif=" + servers.get(call.server).load());
            }
            conclude(call, outcome(status), status == Server.OK);
        }
        release(call);
    }

    private void arrive(int client) {
        Call call = fresh();
        call.number = callsSoFar++;
        call.client = client;
        call.startNanos = queue.nanos();
        recorder.started(queue.nanos());
        send(call, keys.contextOf(call.number));
    }

    private void send(Call call, PickContext context) {
        Attempt attempt;
        try {
            attempt = clients.of(call.client).acquire(SERVICE, context);
        } catch (NoInstanceException none) {
            call.decided = true;
            recorder.decided(call.startNanos, queue.nanos(), false);
            traffic.ended(call.client);
            release(call);
            return;
        }
        openAttempts++;
        call.attempt = attempt;
        call.server = Clients.serverOf(attempt.instance());
        used[call.client].set(call.server);
        recorder.sent(call.client, call.server, queue.nanos());
        if (scenario.timeoutNanos() > 0) {
            call.holders++;
            queue.schedule(queue.nanos() + scenario.timeoutNanos(), timeoutTarget, call.slot);
        }
        servers.get(call.server).take(call);
    }

    private void timeOut(int slot) {
        Call call = calls.get(slot);
        if (!call.decided) {
            conclude(call, Outcome.FAILURE, false);
        }
        release(call);
    }

    private void conclude(Call call, Outcome outcome, boolean success) {
        call.decided = true;
        openAttempts--;
        Attempt attempt = call.attempt;
        if (attempt != null) {
            attempt.complete(outcome);
            attempt.close();
        }
        call.attempt = null;
        recorder.decided(call.startNanos, queue.nanos(), success);
        traffic.ended(call.client);
    }

    private static Outcome outcome(int status) {
        return switch (status) {
            case Server.NO_CONNECTION -> Outcome.UNREACHABLE;
            case Server.RESET -> Outcome.FAILURE;
            default -> Verdict.ofStatus(status, null).outcome();
        };
    }

    private Call fresh() {
        Call call;
        if (spare.isEmpty()) {
            call = new Call(calls.size());
            calls.add(call);
        } else {
            call = spare.remove(spare.size() - 1);
        }
        call.decided = false;
        call.workNanos = 0;
        call.holders = 1;
        return call;
    }

    private void release(Call call) {
        if (--call.holders == 0) {
            spare.add(call);
        }
    }
}
