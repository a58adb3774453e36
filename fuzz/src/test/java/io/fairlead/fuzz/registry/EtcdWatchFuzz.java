// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.etcd.EtcdRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.server.EtcdServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** A watch of a real server into which others write whatever they like; a story is one service, by its seed. */
final class EtcdWatchFuzz {
    private static final int STEPS = 40;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(45);
    private static final List<String> RUBBISH = List.of(
            "",
            "{",
            "{}",
            "[]",
            "null",
            "rubbish",
            "{\"Addr\":7}",
            "{\"Addr\":\"x:99999\"}",
            "{\"Addr\":\":80\"}",
            "10.0.0.1",
            "{\"Addr\":\"10.9.0.1:80\"",
            "[".repeat(5_000),
            "{\"Addr\":".repeat(2_000),
            "\u0000",
            "{\"Op\":1,\"Metadata\":{}}",
            "x".repeat(1_000_000));
    private static final List<String> ODD_KEYS =
            List.of("", "a b", "\u4e2d\u6587", "a/b/", "%2F", "%zz", "x".repeat(300), "\u2028", "'\"\\", "/", "..");

    private final AtomicReference<Throwable> failed = new AtomicReference<>();

    String run(long firstSeed, boolean onlyOne, Duration duration) throws Exception {
        Environment environment = Environment.system().withListener(new EventListener() {
            @Override
            public void onCallbackFailed(String where, Throwable failure) {
                failed.set(failure);
            }
        });
        long next = firstSeed;
        long start = System.nanoTime();
        try (EtcdServer etcd = EtcdServer.start();
                Client writer = Client.builder()
                        .endpoints("http://127.0.0.1:" + etcd.port())
                        .build();
                Registry registry = EtcdRegistry.builder()
                        .endpoints(List.of("127.0.0.1:" + etcd.port()))
                        .environment(environment)
                        .build()) {
            do {
                new Story(next++, etcd, writer).tell(registry);
            } while (!onlyOne && System.nanoTime() - start < duration.toNanos());
        }
        return "etcd: " + (next - firstSeed) + " services from seed " + firstSeed;
    }

    /** One service. */
    private final class Story {
        private final String service;
        private final Random random;
        private final OddJson json;
        private final EtcdServer etcd;
        private final Client writer;
        private final Map<ByteSequence, String> others =
                new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        private final Set<String> staying = Set.of("10.1.0.1", "10.1.0.2");
        private final Heard heard = new Heard(staying);
        private final List<String> done = new ArrayList<>();
        private final List<CompletableFuture<?>> pending = new ArrayList<>();
        private final Set<ByteSequence> touched = new HashSet<>(); // by what is pending
        private int hosts;

        Story(long seed, EtcdServer etcd, Client writer) {
            this.service = "s" + seed;
            this.random = new Random(seed);
            this.json = new OddJson(random);
            this.etcd = etcd;
            this.writer = writer;
        }

        void tell(Registry registry) throws Exception {
            for (String host : staying) {
                put(key("stays-" + host), value(host));
            }
            settle();
            try (var watch = registry.watch(service, heard)) {
                for (int step = 0; step < STEPS; step++) {
                    for (int i = random.nextInt(12); i > 0; i--) {
                        change();
                    }
                    if (random.nextInt(4) == 0) {
                        awaitTruth();
                    }
                }
                awaitTruth();
            }
            done(writer.getKVClient()
                    .delete(
                            bytes("services/" + service + "/"),
                            DeleteOption.builder().isPrefix(true).build()));
        }

        private void change() throws Exception {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4 -> {
                    String host = "10.2." + hosts / 250 + "." + hosts++ % 250;
                    ByteSequence key = key(json.one(ODD_KEYS) + "o" + hosts);
                    put(key, value(host));
                    others.put(key, host);
                }
                case 5, 6, 7 -> put(key(json.one(ODD_KEYS) + "r" + random.nextInt(40)), bytes(json.one(RUBBISH)));
                case 8 -> put(key(json.one(ODD_KEYS) + "r" + random.nextInt(40)), bytes(json.any()));
                case 9 -> put(key(json.one(ODD_KEYS) + "r"), noise());
                case 10 -> put(bytes("services/" + service + "/r").concat(noise()), bytes(json.one(RUBBISH)));
                case 11 -> put(bytes("services/" + service), value("10.9.0.2"));
                case 12 -> put(bytes("services/" + service + "x/a"), value("10.9.0.3"));
                case 13, 14 -> {
                    if (!others.isEmpty()) {
                        ByteSequence key = json.one(new ArrayList<>(others.keySet()));
                        begun(key, () -> writer.getKVClient().delete(key));
                        others.remove(key);
                    }
                }
                case 15 -> {
                    if (!others.isEmpty()) {
                        // An instance that becomes rubbish is one no more.
                        ByteSequence key = json.one(new ArrayList<>(others.keySet()));
                        put(key, bytes(json.one(RUBBISH)));
                        others.remove(key);
                    }
                }
                case 16 -> {
                    String host = json.one(new ArrayList<>(staying));
                    put(key("stays-" + host), value(host));
                }
                case 17 -> {
                    settle();
                    long lease = done(writer.getLeaseClient().grant(1)).getID();
                    try {
                        done(writer.getKVClient()
                                .put(
                                        key("leased" + random.nextInt(5)),
                                        bytes(json.one(RUBBISH)),
                                        PutOption.builder().withLeaseId(lease).build()));
                    } catch (ExecutionException over) {
                        // a machine that stood still for a second
                        require(String.valueOf(over.getMessage()).contains("lease not found"), "lease: " + over);
                    }
                }
                case 18 -> {
                    settle();
                    long now = done(writer.getKVClient().get(bytes("x")))
                            .getHeader()
                            .getRevision();
                    try {
                        done(writer.getKVClient().compact(Math.max(1, now - random.nextInt(3))));
                    } catch (Exception compactedBefore) {
                        // nothing to do then
                    }
                }
                default -> {
                    if (random.nextInt(40) == 0) {
                        settle();
                        etcd.kill();
                        etcd.restart();
                    }
                }
            }
        }

        private void awaitTruth() throws Exception {
            settle();
            Set<String> truth = new TreeSet<>(staying);
            truth.addAll(others.values());
            long start = System.nanoTime();
            while (!heard.has(truth) && System.nanoTime() - start < PATIENCE_NANOS) {
                require(heard.lost() == null, heard.lost());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            require(heard.has(truth), "expected " + truth);
            require(failed.get() == null, "a step failed: " + failed.get());
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError("etcd, seed " + service.substring(1) + ": " + what + "; " + heard
                        + "\nwritten: " + String.join("\n", done));
            }
        }

        private void put(ByteSequence key, ByteSequence value) throws Exception {
            String shown = key + " = " + value;
            done.add(shown.substring(0, Math.min(400, shown.length())));
            begun(key, () -> writer.getKVClient().put(key, value));
        }

        /** Many at once, as the server syncs its disk for each; what concerns one key, one after the other. */
        private void begun(ByteSequence key, Supplier<CompletableFuture<?>> change) throws Exception {
            if (!touched.add(key)) {
                settle();
                touched.add(key);
            }
            pending.add(change.get());
        }

        private void settle() throws Exception {
            for (CompletableFuture<?> change : pending) {
                done(change);
            }
            pending.clear();
            touched.clear();
        }

        private ByteSequence key(String id) {
            return bytes("services/" + service + "/" + id);
        }

        private ByteSequence noise() {
            byte[] noise = new byte[1 + random.nextInt(20)];
            random.nextBytes(noise);
            noise[0] = (byte) 0xff;
            return ByteSequence.from(noise);
        }

        private ByteSequence value(String host) {
            String address = host + ":80";
            if (random.nextInt(6) == 0) {
                return bytes(address);
            }
            List<String> fields = new ArrayList<>(List.of("\"Addr\":\"" + address + "\""));
            if (random.nextBoolean()) {
                fields.add("\"Metadata\":" + (random.nextInt(3) == 0 ? json.any() : metadata()));
            }
            if (random.nextInt(4) == 0) {
                fields.add("\"Op\":0");
            }
            return bytes(json.object(fields));
        }

        private String metadata() {
            List<String> fields = new ArrayList<>();
            for (String name :
                    List.of("id", "weight", "scheme", "zone", "version", "status", "draining", "tags", "meta")) {
                if (random.nextBoolean()) {
                    fields.add("\"" + name + "\":" + json.any());
                }
            }
            return json.object(fields);
        }
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static <T> T done(CompletableFuture<T> asked) throws Exception {
        return asked.get(20, TimeUnit.SECONDS);
    }
}
