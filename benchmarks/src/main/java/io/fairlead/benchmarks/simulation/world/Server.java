// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One simulated server: a queue before some workers whose speed changes over time. Each call it takes it answers once,
 * through {@link Answers}, unless it swallows it. For one thread.
 */
public final class Server implements EventQueue.Target {
    public static final int OK = 200;
    public static final int NO_CONNECTION = -1;
    public static final int RESET = -2;
    private static final int DIES = -1;

    private final ServerSpec spec;
    private final EventQueue queue;
    private final long seed;
    private final Answers answers;
    private final int target;
    private final @Nullable SharedCores cores;
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();
    private final ArrayDeque<Call> swallowed = new ArrayDeque<>();
    private int busy;
    private int longestQueue;
    private boolean dead;

    /** Where calls are kept, and where their answers go. */
    public interface Answers {
        Call call(int slot);

        void answer(Call call, int status);
    }

    public Server(ServerSpec spec, EventQueue queue, long seed, Answers answers) {
        this.spec = spec;
        this.queue = queue;
        this.seed = seed;
        this.answers = answers;
        this.target = queue.register(this);
        this.cores = spec.shares() ? new SharedCores(spec.workers(), spec.takings(), queue, this::happen) : null;
        if (spec.diesAt() < Double.POSITIVE_INFINITY) {
            queue.schedule(Millis.secondsToNanos(spec.diesAt()), target, DIES);
        }
    }

    public ServerSpec spec() {
        return spec;
    }

    /** Calls it holds, waiting or worked on. */
    public int load() {
        return waiting.size() + busy;
    }

    public int longestQueue() {
        return longestQueue;
    }

    /** Nanoseconds until a call of average work that came now would be done; infinite when it would not be. */
    public double expectedNanos(long nowNanos, double meanWorkNanos) {
        if (dead || spec.isStuck(nowNanos) || spec.at(nowNanos).kind() != Behaviour.Kind.SERVES) {
            return Double.POSITIVE_INFINITY;
        }
        if (cores != null) {
            return meanWorkNanos / cores.rate(nowNanos);
        }
        double rounds = spec.workers() == Integer.MAX_VALUE ? 1 : 1 + (double) load() / spec.workers();
        return rounds * meanWorkNanos / Math.max(1e-6, spec.speed().at(nowNanos));
    }

    /** A call arrives. */
    public void take(Call call) {
        long now = queue.nanos();
        Behaviour behaviour = spec.at(now);
        switch (behaviour.kind()) {
            case SWALLOWS -> swallowed.add(call);
            case REFUSES -> later(call, NO_CONNECTION, now + behaviour.delayNanos());
            case FAILS_FAST -> later(call, behaviour.status(), now + behaviour.delayNanos());
            case LOSES -> {
                if (isUnlucky(call, behaviour)) {
                    swallowed.add(call);
                } else {
                    call.status = OK;
                    serve(call, now);
                }
            }
            case SERVES -> {
                call.status = isUnlucky(call, behaviour) ? behaviour.status() : OK;
                serve(call, now);
            }
        }
    }

    private boolean isUnlucky(Call call, Behaviour behaviour) {
        return behaviour.errorRatio() > 0
                && SplitMix.unit(seed, SplitMix.Purpose.ERRORS, call.number) < behaviour.errorRatio();
    }

    @Override
    public void happen(int argument) {
        if (argument == DIES) {
            die();
            return;
        }
        Call call = answers.call(argument);
        boolean worked = call.workNanos > 0;
        if (worked) {
            call.status = spec.statusAmong(busy, call.status);
            busy--;
        }
        answers.answer(call, dead && worked ? RESET : call.status);
        if (worked && !dead && !waiting.isEmpty()) {
            work(waiting.poll(), queue.nanos());
        }
    }

    private void serve(Call call, long now) {
        call.workNanos = Math.max(1, spec.demand(now).nanos(seed, call.number));
        if (cores != null) {
            busy++;
            cores.add(call.slot, call.workNanos);
            longestQueue = Math.max(longestQueue, busy - spec.workers());
        } else if (busy < spec.workers()) {
            work(call, now);
        } else if (waiting.size() >= spec.queueLimit()) {
            later(call, 503, now);
        } else {
            waiting.add(call);
            longestQueue = Math.max(longestQueue, waiting.size());
        }
    }

    private void work(Call call, long now) {
        busy++;
        long work = call.workNanos;
        if (spec.linearCapacity() > 0) {
            work = busy > spec.linearCapacity() ? 5 * work : work + work * busy / spec.linearCapacity();
        }
        queue.schedule(spec.finish(now, work), target, call.slot);
    }

    /** An answer that cost no work. */
    private void later(Call call, int status, long atNanos) {
        call.workNanos = 0;
        call.status = status;
        queue.schedule(atNanos, target, call.slot);
    }

    /** What waits and what was swallowed is reset now; what is worked on, when it would have been done. */
    private void die() {
        dead = true;
        waiting.forEach(call -> answers.answer(call, RESET));
        waiting.clear();
        swallowed.forEach(call -> answers.answer(call, RESET));
        swallowed.clear();
    }
}
