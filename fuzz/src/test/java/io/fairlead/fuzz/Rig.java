// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.api.EventListener;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What all histories of a run share: instances, threads, and what was heard of attempts. */
final class Rig implements AutoCloseable {
    final Board board = new Board();
    final List<RawInstance> orders = new ArrayList<>();
    final RawInstance billing;
    final int deadPort;
    final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(task -> thread(task, "fuzz-timer"));
    final ExecutorService callers = Executors.newCachedThreadPool(task -> thread(task, "fuzz-caller"));
    final Path folder = Files.createTempDirectory("fairlead-fuzz");
    final Environment environment;

    @Nullable
    HttpClient following = client(HttpClient.Redirect.NORMAL);

    @Nullable
    HttpClient notFollowing = client(HttpClient.Redirect.NEVER);

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> thread(task, "fuzz-instance"));
    /** Bound, but nobody listens: connecting is refused, and nobody else gets the port. */
    private final Socket dead = new Socket();

    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final AtomicInteger callbacksFailed = new AtomicInteger();
    private volatile Random random = new Random(0);

    record Heard(String instance, Outcome outcome) {}

    Rig() throws IOException {
        dead.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        deadPort = dead.getLocalPort();
        for (int i = 0; i < Generator.INSTANCES; i++) {
            orders.add(new RawInstance("orders-" + (i + 1), i, board, threads, deadPort));
        }
        billing = new RawInstance("billing-1", -1, board, threads, deadPort);
        Environment system = Environment.system();
        RandomGenerator seeded = () -> random.nextLong();
        environment = new Environment(system.ticker(), system.scheduler(), system.executor(), seeded, new Listener());
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private static HttpClient client(HttpClient.Redirect redirect) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(redirect)
                .build();
    }

    /** Every source of randomness begins anew. */
    void reseed(long seed) {
        random = new Random(seed);
    }

    /** What was heard of attempts since the last time. */
    List<Heard> takeHeard() {
        List<Heard> taken = List.copyOf(heard);
        heard.clear();
        return taken;
    }

    int callbacksFailed() {
        return callbacksFailed.getAndSet(0);
    }

    private final class Listener implements EventListener {
        @Override
        public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
            heard.add(new Heard(instance.id(), outcome));
        }

        @Override
        public void onCallbackFailed(String where, Throwable failure) {
            callbacksFailed.incrementAndGet();
        }
    }

    @Override
    public void close() throws IOException {
        following = null;
        notFollowing = null;
        for (RawInstance instance : orders) {
            instance.close();
        }
        billing.close();
        dead.close();
        timer.shutdownNow();
        callers.shutdownNow();
        threads.shutdownNow();
        Files.deleteIfExists(folder);
    }
}
