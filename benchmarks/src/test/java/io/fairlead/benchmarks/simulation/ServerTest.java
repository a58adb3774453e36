// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.benchmarks.simulation.world.Call;
import io.fairlead.benchmarks.simulation.world.Decimal;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.Server;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Servers answer when arithmetic says so. */
class ServerTest {
    private final EventQueue queue = new EventQueue();
    private final List<String> answers = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();

    @Test
    void sharedCoresAreSharedEquallyAndANeighbourTakesItsPart() {
        // Two cores; from the second second on a neighbour takes one and a half.
        Server server = server(ServerSpec.sharing(2, Demand.fixed(1_000)).antagonist(2, 4, 1.5));

        take(server, 3);
        queue.runUntil(Millis.secondsToNanos(1.5));
        // Each had two thirds of a core: a second's work takes a second and a half.
        assertThat(answers).containsExactly("0: 200 at 1.5", "1: 200 at 1.5", "2: 200 at 1.5");

        take(server, 1);
        queue.runUntil(Millis.secondsToNanos(10));
        // Half a second alone on a core, the other half at half a core.
        assertThat(answers).contains("3: 200 at 3.0");
    }

    @Test
    void aCallThatEndsAmongTooManyFails() {
        Server server = server(ServerSpec.unlimited(Demand.fixed(1_000)).failsAbove(2, 429));

        take(server, 3);
        queue.runUntil(Millis.secondsToNanos(1));

        assertThat(answers).containsExactly("0: 429 at 1.0", "1: 200 at 1.0", "2: 200 at 1.0");
    }

    @Test
    void aServerSlowsDownAsItFillsAndBreaksDownBeyond() {
        Server server = server(ServerSpec.linear(1_000, 2));

        take(server, 3);
        queue.runUntil(Millis.secondsToNanos(10));

        assertThat(answers).containsExactly("0: 200 at 1.5", "1: 200 at 2.0", "2: 200 at 5.0");
    }

    private Server server(ServerSpec spec) {
        return new Server(spec, queue, 1, new Server.Answers() {
            @Override
            public Call call(int slot) {
                return calls.get(slot);
            }

            @Override
            public void answer(Call call, int status) {
                answers.add(call.slot + ": " + status + " at " + Decimal.text(queue.nanos() / 1e9, 1));
            }
        });
    }

    private void take(Server server, int count) {
        for (int i = 0; i < count; i++) {
            Call call = new Call(calls.size());
            calls.add(call);
            server.take(call);
        }
    }
}
