// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A reference to compare with: a client that balances, limits, queues and retries as Palantir documents of Dialogue. Written
 * from that description; it is not Dialogue. A call that finds no server with room waits in a queue without end; a 429 or
 * 503, and a 500 of an idempotent call, is tried again up to four times after a random part of 250 ms, doubling. For one
 * thread.
 */
public final class DialogueClient implements Caller {
    private static final int MOST_RETRIES = 4;
    private static final double BACKOFF_NANOS = 250e6;
    private static final int BUSY = 5;

    private final Network network;
    private final Options options;
    private final SplitMix random;
    private final List<DialogueHost> hosts = new ArrayList<>();
    private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
    private final List<Pending> backingOff = new ArrayList<>();
    private final int retryTarget;
    private int pin;

    /**
     * How it is set up.
     *
     * @param limited whether servers have limits
     * @param idempotent whether a 500 is tried again
     * @param pins whether it stays with one server until that fails, instead of balancing
     * @param pinned how many of the clients, the first ones, begin with the last server
     */
    public record Options(boolean limited, boolean idempotent, boolean pins, int pinned) {
        public static Options balanced() {
            return new Options(true, false, false, 0);
        }

        public static Options pinned(int toTheLast) {
            return new Options(true, false, true, toTheLast);
        }

        public Options unlimited() {
            return new Options(false, idempotent, pins, pinned);
        }

        public Options retryingOn500() {
            return new Options(limited, true, pins, pinned);
        }
    }

    private static final class Pending {
        private final IntConsumer whenDone;
        private int failures;

        Pending(IntConsumer whenDone) {
            this.whenDone = whenDone;
        }
    }

    public DialogueClient(Network network, int client, Options options) {
        this.network = network;
        this.options = options;
        this.random = network.randomOf(client);
        this.retryTarget = network.queue().register(this::tryAgain);
        this.pin = client < options.pinned() ? network.servers() - 1 : 0;
        for (int i = 0; i < network.servers(); i++) {
            hosts.add(new DialogueHost(options.limited()));
        }
    }

    @Override
    public void call(IntConsumer whenDone) {
        enqueue(new Pending(whenDone));
    }

    private void enqueue(Pending call) {
        waiting.add(call);
        dispatch();
    }

    private void dispatch() {
        while (!waiting.isEmpty()) {
            int server = options.pins() ? pinnedServer() : bestServer();
            if (server < 0) {
                return;
            }
            send(waiting.poll(), server);
        }
    }

    private int pinnedServer() {
        return hosts.get(pin).hasRoom() ? pin : -1;
    }

    /** The lowest score with room, ties at random; none when only servers twice as bad as a busy better one have any. */
    private int bestServer() {
        long now = network.queue().nanos();
        List<Integer> order = shuffled();
        order.sort((one, other) ->
                Long.compare(hosts.get(one).score(now), hosts.get(other).score(now)));
        long bound = Long.MAX_VALUE;
        for (int server : order) {
            DialogueHost host = hosts.get(server);
            long score = host.score(now);
            if (score > bound) {
                return -1;
            }
            if (host.hasRoom()) {
                return server;
            }
            if (host.inFlight() > BUSY) {
                bound = Math.min(bound, 2 * score);
            }
        }
        return -1;
    }

    private List<Integer> shuffled() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < hosts.size(); i++) {
            order.add(random.nextInt(i + 1), i);
        }
        return order;
    }

    private void send(Pending call, int server) {
        DialogueHost host = hosts.get(server);
        int place = host.start();
        network.send(server, status -> {
            host.ended(status, place, network.queue().nanos());
            if (status >= 500 && pin == server) {
                pin = (pin + 1) % hosts.size();
            }
            conclude(call, status);
            dispatch();
        });
    }

    private void conclude(Pending call, int status) {
        boolean again = status == 429 || status == 503 || status == 500 && options.idempotent();
        if (!again || ++call.failures > MOST_RETRIES) {
            call.whenDone.accept(status);
            return;
        }
        long wait = Math.round(BACKOFF_NANOS * random.nextUnit() * (1 << call.failures - 1));
        backingOff.add(call);
        network.queue().schedule(network.queue().nanos() + wait, retryTarget, backingOff.size() - 1);
    }

    private void tryAgain(int slot) {
        enqueue(backingOff.get(slot));
    }
}
