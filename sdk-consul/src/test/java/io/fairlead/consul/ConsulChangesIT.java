// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** More services of a real Consul than queries are held for: who waits for a turn sees a change all the same. */
@ExtendWith(WarmClient.class)
class ConsulChangesIT {
    private static final String TOKEN = "7d0c1f9e-1b52-4a71-b0a8-cafecafecafe";
    private static final int MANY = 280;
    private static final Duration CRITERION = Duration.ofSeconds(2);
    private static final Duration LATEST = CRITERION.multipliedBy(3);

    private final List<Watched> watched = new ArrayList<>();

    /** One service with one instance, and whether and when a change of it was seen. */
    private static final class Watched implements SnapshotListener {
        final String name;
        final String id;
        final AtomicInteger interruptions = new AtomicInteger();
        volatile ServiceSnapshot last = ServiceSnapshot.empty("none", 0);
        private volatile Predicate<List<ServiceInstance>> wanted = list -> false;
        private volatile long sinceNanos;
        volatile CompletableFuture<Long> seenMillis = new CompletableFuture<>();

        Watched(String name) {
            this.name = name;
            this.id = name + "-1";
        }

        void want(Predicate<List<ServiceInstance>> change) {
            seenMillis = new CompletableFuture<>();
            sinceNanos = System.nanoTime();
            wanted = change;
        }

        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            last = snapshot;
            if (wanted.test(snapshot.instances())) {
                seenMillis.complete((System.nanoTime() - sinceNanos) / 1_000_000);
            }
        }

        @Override
        public void onInterrupted(RegistryException cause) {
            interruptions.incrementAndGet();
        }
    }

    private ConsulServer consul = ConsulServer.start();

    @AfterEach
    void stop() {
        consul.close();
    }

    @Test
    void everyChangeOf280ServicesIsSeenByFewQueries() {
        Catalog catalog = new Catalog(consul.port(), "");
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port());
                Registry registry = ConsulRegistry.builder()
                        .address("127.0.0.1:" + proxy.port())
                        .wait(Duration.ofSeconds(2))
                        .build()) {
            watch(registry, catalog, MANY);
            // Five a second; at a tenth of the default wait a second is as ten.
            await().atMost(Duration.ofSeconds(20)).until(() -> requestsIn(proxy, Duration.ofSeconds(2)) <= 5 * 2 * 10);
            for (int i = 0; i < MANY; i++) {
                change(catalog, watched.get(i), i % 6);
            }
            allSeen("280 changes at once");
            for (int kind = 0; kind < 4; kind++) {
                Watched one = watched.get(6 * 17 * kind % MANY);
                change(catalog, one, kind);
                await().atMost(LATEST).until(() -> one.seenMillis.isDone());
            }
            assertThat(proxy.openConnections()).isLessThan(100);
            assertThat(watched).allMatch(one -> one.interruptions.get() == 0);
        }
    }

    @Test
    void aStormOfCheckUpdatesIsFollowedAndIsNoneForTheAgent() {
        Catalog catalog = new Catalog(consul.port(), "");
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port());
                Registry registry = ConsulRegistry.builder()
                        .address("127.0.0.1:" + proxy.port())
                        .build()) {
            watch(registry, catalog, MANY);
            int before = proxy.requests();
            long startNanos = System.nanoTime();
            int writes = 0;
            while (System.nanoTime() - startNanos < Duration.ofSeconds(3).toNanos()) {
                Watched one = watched.get(writes * 7 % MANY);
                catalog.status(one.id, writes / MANY % 2 == 0 ? "critical" : "passing", "output " + writes);
                writes++;
                while ((System.nanoTime() - startNanos) / 2_000_000 < writes) {
                    Thread.onSpinWait();
                }
            }
            for (Watched one : watched) {
                one.want(list -> status(list) == InstanceStatus.WARNING);
                catalog.status(one.id, "warning", "the last");
            }
            allSeen("a storm of " + writes + " writes");
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            int requests = proxy.requests() - before;
            System.out.printf("%d requests in %.1f s of a storm%n", requests, seconds);
            // Reads that were told, queries that are held, each four at once before, and the tables.
            assertThat(requests).isLessThan((int) ((300 + 64 / 0.6 + 4 / 0.6) * seconds) + 4 * 64 + 300);
        }
    }

    @Test
    void aTokenThatMayReadItsServicesOnlySeesThemChangeAsSoon() {
        consul.close();
        consul = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, null));
        Catalog catalog = new Catalog(consul.port(), TOKEN);
        catalog.put(
                "acl/policy",
                "{\"Name\":\"some\",\"Rules\":\"service_prefix \\\"many-\\\" { policy = \\\"read\\\" } node_prefix \\\"\\\""
                        + " { policy = \\\"read\\\" }\"}");
        String made = catalog.put("acl/token", "{\"Policies\":[{\"Name\":\"some\"}]}");
        String secret = made.replaceAll("(?s).*\"SecretID\": ?\"([^\"]+)\".*", "$1");
        catalog.instance("hidden", "hidden-1", 80, 1, "v1");
        try (Registry registry = ConsulRegistry.builder()
                .address("127.0.0.1:" + consul.port())
                .token(secret)
                .build()) {
            watch(registry, catalog, 100);
            catalog.status("hidden-1", "critical", "not for everybody");
            for (int i = 0; i < 100; i++) {
                change(catalog, watched.get(i), i % 6);
            }
            allSeen("100 changes for a token that may not read all");
        }
    }

    @Test
    void anAgentThatDiesIsToldToEverybodyAndItsNextLifeIsSeen() {
        Catalog catalog = new Catalog(consul.port(), "");
        try (Registry registry =
                ConsulRegistry.builder().address("127.0.0.1:" + consul.port()).build()) {
            watch(registry, catalog, 150);
            consul.kill();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> watched.stream().allMatch(one -> one.interruptions.get() > 0));
            assertThat(watched).allMatch(one -> one.last.instances().size() == 1);
            consul.restart();
            Catalog next = new Catalog(consul.port(), "");
            for (Watched one : watched) {
                one.want(list -> list.size() == 1 && list.get(0).port() == 81);
                next.instance(one.name, one.id, 81, 1, "v1");
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> watched.stream().allMatch(one -> one.seenMillis.isDone()));
        }
    }

    /** Twice a query's time: seven seconds here. Whoever waits for a turn would hear of it from his own, forty seconds later. */
    @Test
    void anAgentThatHangsIsToldToThoseWhoWaitToo() {
        Catalog catalog = new Catalog(consul.port(), "");
        try (Registry registry = ConsulRegistry.builder()
                .address("127.0.0.1:" + consul.port())
                .wait(Duration.ofSeconds(1))
                .build()) {
            watch(registry, catalog, MANY);
            consul.pause();
            await().atMost(Duration.ofSeconds(25))
                    .until(() -> watched.stream().allMatch(one -> one.interruptions.get() > 0));
            consul.resume();
            for (Watched one : watched) {
                change(catalog, one, 1);
            }
            await().atMost(Duration.ofSeconds(25))
                    .until(() -> watched.stream().allMatch(one -> one.seenMillis.isDone()));
        }
    }

    private void watch(Registry registry, Catalog catalog, int count) {
        for (int i = 0; i < count; i++) {
            Watched one = new Watched("many-" + i);
            catalog.instance(one.name, one.id, 80, 1, "v1");
            one.want(list -> list.size() == 1);
            registry.watch(one.name, one);
            watched.add(one);
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> watched.stream().allMatch(one -> one.seenMillis.isDone()));
    }

    private static void change(Catalog catalog, Watched one, int kind) {
        int now = (int) (System.nanoTime() / 1_000 % 60_000) + 2;
        switch (kind) {
            case 0 -> {
                one.want(
                        list -> list.stream().anyMatch(instance -> instance.id().equals(one.name + "-" + now)));
                catalog.instance(one.name, one.name + "-" + now, 80, 1, "v1");
            }
            case 1 -> {
                one.want(list -> list.stream().anyMatch(instance -> instance.weight() == now));
                catalog.instance(one.name, one.id, 80, now, "v1");
            }
            case 2 -> {
                one.want(list -> list.stream().anyMatch(instance -> instance.port() == now));
                catalog.instance(one.name, one.id, now, 1, "v1");
            }
            case 3 -> {
                one.want(list ->
                        list.stream().anyMatch(instance -> instance.tags().contains("v" + now)));
                catalog.instance(one.name, one.id, 80, 1, "v" + now);
            }
            case 4 -> {
                one.want(list -> status(list) == InstanceStatus.CRITICAL);
                catalog.status(one.id, "critical", "");
            }
            default -> {
                one.want(List::isEmpty);
                catalog.remove(one.id);
            }
        }
    }

    private static InstanceStatus status(List<ServiceInstance> list) {
        return list.isEmpty() ? InstanceStatus.PASSING : list.get(0).status();
    }

    private void allSeen(String what) {
        await().atMost(LATEST).until(() -> watched.stream().allMatch(one -> one.seenMillis.isDone()));
        List<Long> millis =
                watched.stream().map(one -> one.seenMillis.join()).sorted().toList();
        System.out.printf(
                "%s: seen after %d ms (half), %d ms (last); criterion %d ms%n",
                what, millis.get(millis.size() / 2), millis.get(millis.size() - 1), CRITERION.toMillis());
    }

    private static int requestsIn(TcpProxy proxy, Duration time) {
        int before = proxy.requests();
        long startNanos = System.nanoTime();
        await().atMost(time.multipliedBy(2)).until(() -> System.nanoTime() - startNanos > time.toNanos());
        return proxy.requests() - before;
    }
}
