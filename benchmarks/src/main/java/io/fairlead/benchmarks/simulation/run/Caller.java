// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.world.EventQueue;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.util.function.IntConsumer;

/** One client that makes whole calls: where to, how often, whether to wait is its own business. For one thread. */
@FunctionalInterface
public interface Caller {
    /** The status of a call that came to no answer. */
    int NO_ANSWER = -1;

    /** Makes a call; {@code whenDone} hears its last status, once. */
    void call(IntConsumer whenDone);

    /** What callers send attempts through. */
    interface Network {
        /** Sends one attempt; {@code answered} hears its status, unless the server never answers. */
        void send(int server, IntConsumer answered);

        int servers();

        EventQueue queue();

        /** Randomness of a client's own. */
        SplitMix randomOf(int client);
    }

    /** Makes the clients of a run. */
    @FunctionalInterface
    interface Factory {
        Caller newCaller(Network network, int client);
    }
}
