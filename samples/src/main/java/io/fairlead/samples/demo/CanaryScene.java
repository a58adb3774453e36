// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import io.fairlead.admin.AdminServer;
import io.fairlead.admin.EventLog;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.okhttp.DiscoveryOkHttp;
import io.fairlead.routes.FileDocumentSource;
import io.fairlead.routes.LiveRoutes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;

/**
 * A split moved live: one file is rewritten from 0 to 10, 50 and 100 % for the canary, then with a document that is refused, and
 * then the canary dies. Each line is what the servers counted. Not thread-safe.
 */
final class CanaryScene implements AutoCloseable {
    private static final String DOCUMENT = """
            apiVersion: fairlead/v1
            version: canary-%1$d
            services:
              orders:
                subsets: {stable: {version: v1}, canary: {version: v2}}
                default:
                  to: [{subset: canary, weight: %1$d}, {subset: stable, weight: %2$d}]
                  fallback: [stable]
            """;
    private static final int CALLS_A_SECOND = 200;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final long lineNanos;
    private final int actLines;
    private final CallLog log = new CallLog();
    private final List<HttpInstance> stable = new ArrayList<>();
    private final List<HttpInstance> canary = new ArrayList<>();
    private final List<Registration> registrations = new ArrayList<>();
    private final Path folder = Files.createTempDirectory("fairlead-demo");
    private final Path file = folder.resolve("routes.yaml");
    private final List<String> broken = new ArrayList<>();

    /**
     * @param line how long what is said in one line takes
     * @param actLines lines of each act, from 2: the first of a new share is not judged
     */
    CanaryScene(Registry registry, Duration line, int actLines) throws IOException {
        this.lineNanos = line.toNanos();
        this.actLines = actLines;
        for (int i = 1; i <= 4; i++) {
            start(registry, stable, "stable-" + i, "v1");
        }
        for (int i = 1; i <= 2; i++) {
            start(registry, canary, "canary-" + i, "v2");
        }
    }

    private void start(Registry registry, List<HttpInstance> group, String id, String version) throws IOException {
        HttpInstance instance = HttpInstance.start(id);
        group.add(instance);
        ServiceInstance value = ServiceInstance.builder(Scene.SERVICE)
                .id(id)
                .address("127.0.0.1", instance.port())
                .version(version)
                .build();
        registrations.add(registry.register(value, HealthCheck.none()));
    }

    /** Plays it; whether no call failed and each share was as its document says. */
    boolean play(Registry registry, EventLog events, int port) throws IOException, InterruptedException {
        write(DOCUMENT.formatted(0, 100));
        try (Fairlead fairlead = Fairlead.builder(registry)
                        .addListener(events)
                        .addressPolicy(AddressPolicy.defaults().allowLoopback())
                        .build();
                LiveRoutes live = LiveRoutes.start(fairlead, new FileDocumentSource(file, fairlead.environment()));
                AdminServer page = DemoPage.start(fairlead, events, port)) {
            System.out.println("document  " + file);
            live.awaitReady(Duration.ofSeconds(10));
            fairlead.awaitReady(Duration.ofSeconds(10), Scene.SERVICE);
            OkHttpClient client = DiscoveryOkHttp.newClient(fairlead);
            try (OpenLoop load = OpenLoop.start(client, "http://" + Scene.SERVICE + "/v1/42", CALLS_A_SECOND, log)) {
                acts(live);
            } finally {
                client.dispatcher().executorService().shutdown();
                client.connectionPool().evictAll();
            }
        }
        long failed = failed();
        check(
                failed == 0,
                "no call failed: " + failed + " of " + log.calls(0, log.now()).size() + " failed");
        return broken.isEmpty();
    }

    /** Promises that did not hold. */
    String broken() {
        return String.join("; ", broken);
    }

    private void acts(LiveRoutes live) throws IOException {
        for (int weight : List.of(0, 10, 50, 100)) {
            String text = DOCUMENT.formatted(weight, 100 - weight);
            write(text);
            await(live, () -> live.status().version().equals("canary-" + weight));
            say("the canary's weight is " + weight);
            share(weight, live);
        }
        write(DOCUMENT.formatted(50, 50).replace("to: [", "too: ["));
        await(live, () -> !live.status().trouble().isEmpty());
        say("a document with a mistake: " + live.status().trouble());
        share(100, live);
        canary.forEach(HttpInstance::kill);
        say("the canary is killed; its rule names a fallback");
        int before = served(stable);
        lines(actLines, live);
        check(served(stable) > before, "the stable version answers for the canary");
    }

    /** Shows some lines, and judges the canary's share of them: four standard deviations, and a hundredth for calls under way. */
    private void share(int weight, LiveRoutes live) {
        lines(1, live);
        int canaryBefore = served(canary);
        int stableBefore = served(stable);
        lines(actLines - 1, live);
        int mine = served(canary) - canaryBefore;
        int all = mine + served(stable) - stableBefore;
        double expected = weight / 100.0;
        double allowed = 4 * Math.sqrt(expected * (1 - expected) / Math.max(1, all)) + 0.01;
        double seen = (double) mine / Math.max(1, all);
        check(
                Math.abs(seen - expected) <= allowed,
                String.format(
                        Locale.ROOT,
                        "%d %% for the canary: %.1f %% of %d calls, by the servers",
                        weight,
                        100 * seen,
                        all));
    }

    private void lines(int count, LiveRoutes live) {
        for (int i = 0; i < count; i++) {
            int canaryBefore = served(canary);
            int stableBefore = served(stable);
            long end = log.now() + lineNanos;
            for (long left = lineNanos; left > 0; left = end - log.now()) {
                LockSupport.parkNanos(left);
            }
            int mine = served(canary) - canaryBefore;
            int others = served(stable) - stableBefore;
            int bars = Math.round(40f * mine / Math.max(1, mine + others));
            System.out.printf(
                    Locale.ROOT,
                    "%5.1f s  %-10s  canary %3d  stable %3d  failed %d  |%s%s|%n",
                    log.now() / 1e9,
                    live.status().version(),
                    mine,
                    others,
                    failed(),
                    "█".repeat(bars),
                    "·".repeat(40 - bars));
        }
    }

    private void await(LiveRoutes live, BooleanSupplier condition) {
        long end = log.now() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (log.now() > end) {
                check(false, "the document is taken up within 20 s: " + live.status());
                return;
            }
            lines(1, live);
        }
    }

    private void check(boolean held, String promise) {
        System.out.println((held ? "ok   " : "NOT  ") + promise);
        if (!held) {
            broken.add(promise);
        }
    }

    private static void say(String what) {
        System.out.println("---  " + what);
    }

    private void write(String text) throws IOException {
        Path next = folder.resolve("next.yaml");
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private long failed() {
        return log.calls(0, log.now()).stream()
                .filter(call -> call.failure() != null)
                .count();
    }

    private static int served(List<HttpInstance> instances) {
        return instances.stream().mapToInt(HttpInstance::served).sum();
    }

    @Override
    public void close() throws IOException {
        registrations.forEach(Registration::idle);
        stable.forEach(HttpInstance::close);
        canary.forEach(HttpInstance::close);
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
    }
}
