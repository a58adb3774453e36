// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.registries;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.Fairlead;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.EtcdServer;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What it costs to follow a real Consul and a real etcd: from a change to the new picker, beside the raw watch in the same
 * run; threads, sockets, heap and requests of 1,000 watched services, at rest and while others are written; one change in a
 * list of 10,000. Writes JSON to the file the argument names.
 */
public final class RegistryCosts {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final int CHANGES = 100;
    private static final int SERVICES = 1_000;
    private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(600);

    private RegistryCosts() {}

    /** Writes one version of an instance. */
    interface Writer {
        void write(String service, String id, int number);
    }

    /** Runs everything. */
    public static void main(String[] args) throws IOException {
        ObjectNode results = JSON.createObjectNode();
        try (ConsulServer consul = ConsulServer.start();
                Registry registry = Registry.connect(consul.uri())) {
            RawConsul raw = new RawConsul(consul.port());
            Delays delays = new Delays();
            raw.register("orders", "one", 0);
            raw.follow("orders", body -> delays.raw(number(body)));
            delays.measure(registry, raw::register, results.putObject("change to new picker, consul"));
        }
        try (EtcdServer etcd = EtcdServer.start();
                Registry registry = Registry.connect(etcd.uri())) {
            RawEtcd raw = new RawEtcd(etcd.port());
            Delays delays = new Delays();
            raw.put("orders", "one", 0);
            raw.follow("orders", value -> delays.raw(number(value)));
            delays.measure(registry, raw::put, results.putObject("change to new picker, etcd"));
        }
        try (ConsulServer consul = ConsulServer.start();
                TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port())) {
            RawConsul raw = new RawConsul(consul.port());
            many(
                    "consul://127.0.0.1:" + proxy.port(),
                    proxy,
                    raw::register,
                    results.putObject(SERVICES + " watched services, consul"));
        }
        try (EtcdServer etcd = EtcdServer.start();
                TcpProxy proxy = TcpProxy.to("127.0.0.1", etcd.port())) {
            RawEtcd raw = new RawEtcd(etcd.port());
            many(
                    "etcd://127.0.0.1:" + proxy.port(),
                    proxy,
                    raw::put,
                    results.putObject(SERVICES + " watched services, etcd"));
        }
        try (ConsulServer consul = ConsulServer.start()) {
            RawConsul raw = new RawConsul(consul.port());
            LongList.measure(consul.uri(), raw::catalog, results.putObject("one of 10,000 instances changes, consul"));
        }
        try (EtcdServer etcd = EtcdServer.start()) {
            RawEtcd raw = new RawEtcd(etcd.port());
            LongList.measure(etcd.uri(), raw::put, results.putObject("one of 10,000 instances changes, etcd"));
        }
        JSON.writeValue(new File(args[0]), results);
        System.out.println(JSON.writeValueAsString(results));
        System.exit(0);
    }

    private static int number(String text) {
        String found = text.replaceAll("(?s).*\"v\":\\s*\"(\\d+)\".*", "$1");
        return found.matches("\\d+") ? Integer.parseInt(found) : -1;
    }

    private static void many(String uri, TcpProxy proxy, Writer writer, ObjectNode result) {
        for (int i = 0; i < SERVICES; i++) {
            writer.write("service-" + i, "of-service-" + i, 0);
        }
        int threads = ownThreads();
        long heap = usedBytes();
        Map<String, Integer> seen = new ConcurrentHashMap<>();
        try (Registry registry = Registry.connect(uri)) {
            for (int i = 0; i < SERVICES; i++) {
                registry.watch("service-" + i, snapshot -> seen.put(snapshot.service(), version(snapshot)));
            }
            result.put("allListedAfterSeconds", seconds(await(() -> seen.size() == SERVICES)));
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
            result.put("threads", ownThreads() - threads);
            result.put("connections", proxy.openConnections());
            result.put("heapMiB", Math.max(0, usedBytes() - heap) >> 20);
            if (uri.startsWith("consul")) {
                // etcd's are frames on one stream, which the proxy does not tell apart.
                int[] storm = {0};
                result.put("requestsPerSecondAtRest", requestsPerSecond(proxy, () -> {}));
                result.put(
                        "requestsPerSecondWhileOthersAreWritten",
                        requestsPerSecond(
                                proxy,
                                () -> writer.write("other-" + storm[0] % 100, "other-" + storm[0] % 100, storm[0]++)));
            }
            long changedNanos = System.nanoTime();
            for (int i = 0; i < SERVICES; i++) {
                writer.write("service-" + i, "of-service-" + i, 1);
            }
            double writing = (System.nanoTime() - changedNanos) / 1e9;
            double all = writing + await(() -> seen.values().stream().allMatch(version -> version == 1)) / 1e9;
            result.put("writingAllTookSeconds", seconds((long) (writing * 1e9)));
            result.put("everyChangeSeenAfterSeconds", seconds((long) (all * 1e9)));
        }
    }

    private static int version(ServiceSnapshot snapshot) {
        return snapshot.isEmpty()
                ? -1
                : Integer.parseInt(snapshot.instances().get(0).metadata().getOrDefault("v", "-1"));
    }

    /** Over 20 s, while a task is run up to a hundred times a second. */
    private static double requestsPerSecond(TcpProxy proxy, Runnable task) {
        int before = proxy.requests();
        long startNanos = System.nanoTime();
        while (System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(20)) {
            task.run();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return Math.round(10 * (proxy.requests() - before) / ((System.nanoTime() - startNanos) / 1e9)) / 10.0;
    }

    /** Those that are not the proxy's. */
    private static int ownThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("proxy"))
                .count();
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    static long await(BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNanos > TimeUnit.MINUTES.toNanos(2)) {
                throw new IllegalStateException("not within two minutes");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return System.nanoTime() - startNanos;
    }

    private static double seconds(long nanos) {
        return Math.round(nanos / 1e7) / 100.0;
    }

    /** Times from each write to when the raw watch, and a balancer's picker, had it. */
    private static final class Delays {
        private final AtomicLongArray raw = new AtomicLongArray(CHANGES + 1);
        private final AtomicLongArray ours = new AtomicLongArray(CHANGES + 1);

        void raw(int number) {
            note(raw, number);
        }

        private static void note(AtomicLongArray times, int number) {
            if (number > 0) {
                times.compareAndSet(number, 0, System.nanoTime());
            }
        }

        void measure(Registry registry, Writer writer, ObjectNode result) {
            EventListener adopted = new EventListener() {
                @Override
                public void onSnapshot(ServiceSnapshot snapshot) {
                    note(ours, version(snapshot));
                }
            };
            double[] rawMillis = new double[CHANGES];
            double[] ourMillis = new double[CHANGES];
            try (Fairlead fairlead =
                    Fairlead.builder(registry).listener(adopted).build()) {
                fairlead.awaitReady(Duration.ofSeconds(10), "orders");
                for (int i = 1; i <= CHANGES; i++) {
                    int number = i;
                    LockSupport.parkNanos(GAP_NANOS);
                    long atNanos = System.nanoTime();
                    writer.write("orders", "one", number);
                    await(() -> raw.get(number) != 0 && ours.get(number) != 0);
                    rawMillis[i - 1] = (raw.get(number) - atNanos) / 1e6;
                    ourMillis[i - 1] = (ours.get(number) - atNanos) / 1e6;
                }
            }
            put(result, "raw", rawMillis);
            put(result, "fairlead", ourMillis);
        }

        private static void put(ObjectNode result, String who, double[] millis) {
            Arrays.sort(millis);
            result.put(who + "P50Millis", Math.round(100 * millis[CHANGES / 2]) / 100.0);
            result.put(who + "P99Millis", Math.round(100 * millis[CHANGES * 99 / 100 - 1]) / 100.0);
        }
    }
}
