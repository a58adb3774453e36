// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.scenario.ClosedLoop;
import io.fairlead.benchmarks.simulation.scenario.Paced;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.scenario.Trace;
import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.util.function.IntConsumer;

/** Makes the calls of a run come, as its scenario's arrivals say. For one thread. */
final class Traffic {
    private final Scenario scenario;
    private final EventQueue queue;
    private final IntConsumer callOfClient;
    private final SplitMix arrivals;
    private final SplitMix clientOfCall;
    private final int target;
    private final long endNanos;
    private long calls;

    /** @param callOfClient hears the client of each call when it comes */
    Traffic(Scenario scenario, long seed, EventQueue queue, IntConsumer callOfClient) {
        this.scenario = scenario;
        this.queue = queue;
        this.callOfClient = callOfClient;
        this.arrivals = SplitMix.stream(seed, SplitMix.Purpose.ARRIVALS, 0);
        this.clientOfCall = SplitMix.stream(seed, SplitMix.Purpose.CLIENT_OF_CALL, 0);
        this.target = queue.register(this::come);
        this.endNanos = Millis.secondsToNanos(scenario.seconds());
    }

    /** Schedules what comes first. */
    void begin() {
        if (scenario.arrivals() instanceof Paced paced) {
            queue.schedule(paced.gapNanos(0, arrivals), target, 0);
        } else if (scenario.arrivals() instanceof ClosedLoop loop) {
            for (int user = 0; user < loop.users(); user++) {
                queue.schedule(loop.thinkNanos(arrivals), target, user % scenario.clients());
            }
        } else if (scenario.arrivals() instanceof Trace trace && !trace.calls().isEmpty()) {
            queue.schedule(trace.calls().get(0).nanos(), target, 0);
        }
    }

    /** A call of a client has its result: whoever waited for it goes on. */
    void ended(int client) {
        if (scenario.arrivals() instanceof ClosedLoop loop) {
            schedule(queue.nanos() + loop.thinkNanos(arrivals), client);
        }
    }

    private void come(int argument) {
        if (scenario.arrivals() instanceof Paced paced) {
            schedule(queue.nanos() + paced.gapNanos(queue.nanos(), arrivals), 0);
            int client = paced.randomClient()
                    ? (int) ((clientOfCall.nextLong() >>> 33) % scenario.clients())
                    : (int) (calls++ % scenario.clients());
            callOfClient.accept(client);
        } else if (scenario.arrivals() instanceof Trace trace) {
            if (argument + 1 < trace.calls().size()) {
                schedule(trace.calls().get(argument + 1).nanos(), argument + 1);
            }
            callOfClient.accept(trace.calls().get(argument).client());
        } else {
            callOfClient.accept(argument);
        }
    }

    private void schedule(long atNanos, int argument) {
        if (atNanos < endNanos) {
            queue.schedule(atNanos, target, argument);
        }
    }
}
