// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.EventListener;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.Subscription;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadOptions;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.routes.RoutesStatus.Origin;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents that come, are wrong, vanish and come back; what is in force and what is told. */
class LiveRoutesTest {
    private static final Instant NOW = Instant.parse("2026-11-30T01:00:00Z");

    @TempDir
    private Path folder;

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final SettableSource source = new SettableSource();
    private Fairlead fairlead = fairlead(time.environment(1, events));

    @AfterEach
    void close() {
        fairlead.close();
    }

    @Test
    void aDocumentIsInForceAndToldWithItsChanges() {
        LiveRoutes routes = start();
        assertThat(routes.awaitReady(Duration.ZERO)).isFalse();
        source.set(split("1", 5));
        assertThat(routes.awaitReady(Duration.ZERO)).isTrue();
        assertThat(attempts()).isEqualTo(5);
        assertThat(events.events("routes"))
                .containsExactly("routes routes a test, version '1' [defaults: new, {retries:"
                        + " {attempts: 5}}, checkout: new]");
        source.set(split("2", 25).replace("attempts: 5", "attempts: 2"));
        assertThat(attempts()).isEqualTo(2);
        assertThat(fairlead.options()
                        .forService("checkout")
                        .routes()
                        .rules()
                        .get(0)
                        .to())
                .hasToString("[v42 25, v41 75]");
        assertThat(events.events("routes").get(1))
                .isEqualTo(
                        "routes routes a test, version '2' [defaults.retries.attempts: 5 → 2, checkout.release: v42 5 → 25"
                                + " %, v41 95 → 75 %]");
        RoutesStatus status = routes.status();
        assertThat(status.version()).isEqualTo("2");
        assertThat(status.source()).isEqualTo("a test");
        assertThat(status.revision()).isEqualTo("2");
        assertThat(status.hash()).hasSize(64);
        assertThat(status.origin()).isEqualTo(Origin.SOURCE);
        assertThat(status.appliedAt()).isEqualTo(NOW);
        assertThat(status.isStale()).isFalse();
    }

    @Test
    void aDocumentThatIsBadEmptyDeletedOrUnreadableChangesNothingAndIsTold() {
        LiveRoutes routes = start();
        source.set(split("1", 5));
        FairleadOptions before = fairlead.options();
        source.set(split("2", 25).replace("to: [", "too: ["));
        source.set("");
        source.remove();
        source.fail("no rights");
        source.set("apiVersion: fairlead/v1");
        assertThat(fairlead.options()).isEqualTo(before);
        assertThat(events.events("kept"))
                .containsExactly(
                        "kept routes a test, version '2' revision 2 refused: 2 problems: 7:13:"
                                + " services.checkout.rules[0].to: missing (expected: at least one subset); 7:29:"
                                + " services.checkout.rules[0].too: unknown key (did you mean 'to'?); version '1', revision"
                                + " 1, stays",
                        "kept routes a test revision 3 refused: 1:1: empty (expected: a document; to remove all rules write"
                                + " 'services: {}'); version '1', revision 1, stays",
                        "kept routes a test absent; version '1', revision 1, stays",
                        "kept routes a test can not be read: no rights; version '1', revision 1, stays",
                        "kept routes a test revision 4 refused: 1:1: services: missing (expected: an object as in '{orders:"
                                + " {…}}'; to remove all rules write 'services: {}'); version '1', revision 1, stays");
        assertThat(routes.status().version()).isEqualTo("1");
        assertThat(routes.status().trouble()).startsWith("revision 4 refused: 1:1: services: missing");
        assertThat(routes.status().troubleSince()).isEqualTo(NOW);
        assertThat(routes.status().isStale()).isTrue();
        source.set(split("1", 5));
        assertThat(routes.status().trouble()).isEmpty();
        assertThat(routes.status().isStale()).isFalse();
        assertThat(routes.status().revision()).isEqualTo("5");
        assertThat(events.events("routes").get(1))
                .isEqualTo("routes routes a test, version '1' [the same as before, which the source has again]");
    }

    @Test
    void anEmptyListOfServicesRemovesWhatTheDocumentHadSet() {
        fairlead.reconfigure(fairlead.options()
                .forEveryService(o -> o.withRetries(o.retries().withAttempts(7))));
        LiveRoutes routes = start();
        source.set(split("1", 5));
        source.set("{\"apiVersion\": \"fairlead/v1\", \"services\": {}}");
        assertThat(attempts()).isEqualTo(7);
        assertThat(events.events("routes").get(1))
                .isEqualTo("routes routes a test [defaults: removed, was {retries: {attempts: 5}}, checkout: removed]");
        routes.close();
    }

    @Test
    void whatTheBalancerCanNotTakeUpIsRefusedWhole() {
        fairlead.close();
        fairlead = Fairlead.builder(MemoryRegistry.of(List.of()))
                .environment(time.environment(2, events))
                .guard((instance, cap, environment) -> {
                    throw new IllegalStateException("no instance, no guard");
                })
                .build();
        start();
        source.set(split("1", 5));
        FairleadOptions before = fairlead.options();
        // The guards of a running service are of another kind.
        source.set("apiVersion: fairlead/v1\nservices: {other: {breaker: {failureRate: 60}, retries: off}}\n");
        assertThat(fairlead.options()).isEqualTo(before);
        assertThat(events.events("kept")).hasSize(1);
        assertThat(events.events("kept").get(0)).contains("refused: reconfigure: guard: ");
    }

    @Test
    void aStartWithoutTheSourceTakesTheLastGoodDocumentAndSaysSo() {
        LiveRoutes first = start();
        source.set(split("1", 5));
        source.set(split("broken", 5).replace("weight", "wait"));
        first.close();
        fairlead = fairlead(time.environment(2, events));
        LiveRoutes second = start();
        assertThat(attempts()).isEqualTo(3);
        time.advance(Duration.ofSeconds(2));
        assertThat(second.awaitReady(Duration.ZERO)).isFalse();
        time.advance(Duration.ofSeconds(1));
        assertThat(second.awaitReady(Duration.ZERO)).isTrue();
        assertThat(attempts()).isEqualTo(5);
        assertThat(second.status().origin()).isEqualTo(Origin.DISK);
        assertThat(second.status().isStale()).isTrue();
        assertThat(second.status().version()).isEqualTo("1");
        assertThat(second.status().revision()).isEqualTo("1");
        assertThat(last("kept"))
                .isEqualTo("kept routes a test no answer yet; the last good one of " + NOW + ", version '1', holds");
        source.set(split("2", 25));
        assertThat(second.status().origin()).isEqualTo(Origin.SOURCE);
        assertThat(last("routes"))
                .isEqualTo("routes routes a test, version '2' [checkout.release: v42 5 → 25 %, v41 95 → 75" + " %]");
    }

    @Test
    void aFirstDocumentThatIsBadOrGoneOrNotReadableGivesWayToTheLastGoodOneAtOnce() {
        LiveRoutes first = start();
        source.set(split("1", 5));
        first.close();
        List<Runnable> troubles = List.of(
                () -> source.set("services: ["), source::remove, () -> source.fail("away"), () -> source.set(""));
        for (Runnable trouble : troubles) {
            fairlead.close();
            fairlead = fairlead(time.environment(2, events));
            LiveRoutes next = start();
            trouble.run();
            assertThat(next.awaitReady(Duration.ZERO)).isTrue();
            assertThat(next.status().origin()).isEqualTo(Origin.DISK);
            assertThat(attempts()).isEqualTo(5);
            assertThat(last("kept")).endsWith("; the last good one of " + NOW + ", version '1', holds");
            next.close();
        }
    }

    @Test
    void whatChangesNothingIsToldWithALineThatSaysWhy() {
        LiveRoutes first = start();
        source.set(split("1", 5));
        source.set(split("1", 5) + "# a comment\n");
        assertThat(last("routes"))
                .isEqualTo("routes routes a test, version '1' [the same as before, written in another way]");
        source.set(split("1", 5));
        first.close();
        fairlead.close();
        fairlead = fairlead(time.environment(2, events));
        start();
        time.advance(Duration.ofSeconds(3));
        source.set(split("1", 5));
        assertThat(last("routes"))
                .isEqualTo(
                        "routes routes a test, version '1' [the same as the last good one on disk, now from the source]");
    }

    @Test
    void withoutAnyDocumentCodeHolds() {
        LiveRoutes routes = start();
        time.advance(Duration.ofSeconds(3));
        assertThat(routes.awaitReady(Duration.ZERO)).isTrue();
        assertThat(routes.status().origin()).isEqualTo(Origin.CODE);
        assertThat(last("kept")).isEqualTo("kept routes a test no answer yet; what code has set holds");
        assertThat(attempts()).isEqualTo(3);
    }

    /** Cut anywhere, or with any byte changed, or of another source: never a document, and never an end. */
    @Test
    void aDamagedLastGoodDocumentIsNone() throws IOException {
        LiveRoutes first = start();
        source.set(split("1", 5));
        first.close();
        Path kept = kept();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");
        byte[] whole = Files.readAllBytes(kept);
        DocumentStore store = new DocumentStore(folder, "a test");
        assertThat(store.load().content()).isEqualTo(split("1", 5).getBytes(StandardCharsets.UTF_8));
        for (int length = 0; length < whole.length; length++) {
            Files.write(kept, Arrays.copyOf(whole, length));
            assertThatThrownBy(store::load).isInstanceOf(IOException.class);
        }
        int content = whole.length - split("1", 5).length();
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            Files.write(kept, damaged);
            if (i >= content) {
                assertThatThrownBy(store::load).isInstanceOf(IOException.class);
            }
        }
        Files.write(kept, new byte[] {0, 1, 2});
        fairlead = fairlead(time.environment(2, events));
        LiveRoutes next = start();
        time.advance(Duration.ofSeconds(3));
        assertThat(next.status().origin()).isEqualTo(Origin.CODE);
        assertThat(events.events("callback")).hasSize(1);
        source.set(split("2", 5));
        assertThat(store.load().revision()).isEqualTo("2");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void aFolderThatCanNotBeWrittenIsToldAndTheDocumentIsInForce() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        LiveRoutes.builder(fairlead, source).lastGood(file).clock(() -> NOW).start();
        source.set(split("1", 5));
        assertThat(attempts()).isEqualTo(5);
        assertThat(events.events("callback")).isNotEmpty();
    }

    /** On real threads: the second and third come while the first is applied. */
    @Test
    void ofDocumentsThatComeWhileOneIsAppliedTheLastCounts() throws InterruptedException {
        CountDownLatch applying = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        RecordingListener heard = new RecordingListener();
        EventListener slow = new EventListener() {
            @Override
            public void onRoutesChanged(String from, List<String> changes) {
                heard.onRoutesChanged(from, changes);
                applying.countDown();
                awaitQuietly(goOn);
            }
        };
        fairlead.close();
        fairlead = fairlead(Environment.system().withListener(slow));
        LiveRoutes routes = start();
        source.set(split("1", 5));
        assertThat(applying.await(10, TimeUnit.SECONDS)).isTrue();
        source.set(split("2", 10));
        source.set(split("3", 20));
        source.fail("away");
        goOn.countDown();
        await().until(() -> !routes.status().trouble().isEmpty());
        assertThat(routes.status().version()).isEqualTo("3");
        await().until(() -> heard.events().size() == 2);
        assertThat(heard.events()).hasSize(2).last().asString().contains("v42 5 → 20 %");
        routes.close();
    }

    @Test
    void whateverAListenerThrowsTheDocumentIsInForceAndTheNextComes() {
        for (Throwable thrown : AnyThrowable.kinds().toList()) {
            fairlead.close();
            fairlead = fairlead(time.environment(3, new EventListener() {
                @Override
                public void onRoutesChanged(String from, List<String> changes) {
                    throw AnyThrowable.sneak(thrown);
                }

                @Override
                public void onRoutesKept(String from, String reason) {
                    throw AnyThrowable.sneak(thrown);
                }
            }));
            LiveRoutes routes = LiveRoutes.start(fairlead, source);
            source.set(split("1", 5));
            source.set("");
            source.set(split("2", 6));
            assertThat(routes.status().version()).as(thrown.toString()).isEqualTo("2");
            assertThat(routes.status().isStale()).isFalse();
            routes.close();
        }
    }

    /** Options that a user's code makes are asked of it while a document is applied. */
    @Test
    void whateverAGuardsFactoryThrowsTheDocumentIsRefusedAndTheNextComes() {
        for (Throwable thrown : AnyThrowable.kinds().toList()) {
            fairlead.close();
            boolean[] throwing = {true};
            fairlead = Fairlead.builder(MemoryRegistry.of(List.of()))
                    .environment(time.environment(3, events))
                    .guard(new InstanceGuard.Factory() {
                        @Override
                        public InstanceGuard newGuard(
                                ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) {
                            throw new IllegalStateException("no instance, no guard");
                        }

                        @Override
                        public boolean equals(Object other) {
                            if (throwing[0]) {
                                throw AnyThrowable.sneak(thrown);
                            }
                            return this == other;
                        }

                        @Override
                        public int hashCode() {
                            return 1;
                        }
                    })
                    .build();
            LiveRoutes routes = LiveRoutes.start(fairlead, source);
            source.set(split("1", 5));
            assertThat(routes.status().trouble()).as(thrown.toString()).startsWith("revision ");
            throwing[0] = false;
            source.set(split("2", 6));
            assertThat(routes.status().version()).as(thrown.toString()).isEqualTo("2");
            routes.close();
        }
    }

    /** What a user's code throws may pass, as that an earlier change has not returned does. */
    @Test
    void aDocumentRefusedForAReasonThatPassesIsTriedAgainAndThatIsToldOnce() {
        for (Throwable thrown : AnyThrowable.kinds().toList()) {
            RecordingListener heard = new RecordingListener();
            Busy guard = busy(heard);
            LiveRoutes routes = start();
            guard.thrown = thrown;
            source.set(split("1", 5));
            assertThat(attempts()).as(thrown.toString()).isEqualTo(3);
            time.advance(Duration.ofMinutes(10));
            assertThat(heard.events("kept")).as(thrown.toString()).hasSize(1);
            assertThat(heard.events("kept").get(0)).contains("; it is tried again; ");
            guard.thrown = null;
            time.advance(Duration.ofMinutes(1));
            assertThat(attempts()).as(thrown.toString()).isEqualTo(5);
            assertThat(routes.status().trouble()).isEmpty();
            assertThat(heard.events("routes")).hasSize(1);
            assertThat(time.pendingTasks()).isZero();
            routes.close();
            clear();
        }
    }

    @Test
    void aDocumentThatIsTriedAgainWaitsLongerEachTimeAndAtMostAMinute() {
        Busy guard = busy(events);
        LiveRoutes routes = start();
        guard.thrown = new IllegalStateException("busy");
        source.set(split("1", 5));
        int first = guard.asked;
        time.advance(Duration.ofSeconds(1));
        assertThat(guard.asked).isGreaterThan(first);
        time.advance(Duration.ofMinutes(30));
        int before = guard.asked;
        time.advance(Duration.ofMinutes(30));
        assertThat((guard.asked - before) / first).isBetween(30, 75);
        routes.close();
    }

    @Test
    void aDocumentThatIsTriedAgainGivesWayToWhateverTheSourceSaysNextAndToClosing() {
        List<Runnable> ends = List.of(
                () -> source.set(split("2", 6)),
                () -> source.set("services: ["),
                source::remove,
                () -> source.fail("away"),
                () -> {});
        for (Runnable end : ends) {
            Busy guard = busy(events);
            LiveRoutes routes = start();
            guard.thrown = new IllegalStateException("busy");
            source.set(split("1", 5));
            guard.thrown = null;
            end.run();
            if (end == ends.get(4)) {
                routes.close();
            }
            assertThat(time.pendingTasks()).isZero();
            time.advance(Duration.ofHours(1));
            assertThat(routes.status().version()).isNotEqualTo("1");
            routes.close();
            clear();
        }
    }

    @Test
    void theLastGoodDocumentIsTriedAgainTooWhileNothingNewerIsThere() {
        LiveRoutes first = start();
        source.set(split("1", 5));
        first.close();
        Busy guard = busy(events);
        guard.thrown = new IllegalStateException("busy");
        LiveRoutes second = start();
        time.advance(Duration.ofSeconds(3));
        assertThat(second.awaitReady(Duration.ZERO)).isTrue();
        assertThat(second.status().origin()).isEqualTo(Origin.CODE);
        guard.thrown = null;
        time.advance(Duration.ofMinutes(1));
        assertThat(second.status().origin()).isEqualTo(Origin.DISK);
        assertThat(second.status().trouble()).isEqualTo("no answer yet");
        assertThat(attempts()).isEqualTo(5);
        assertThat(last("routes")).startsWith("routes routes a test, version '1' [");
        second.close();
    }

    @Test
    void otherOptionsOfCodeLieBelowTheDocument() {
        LiveRoutes routes = start();
        source.set("apiVersion: fairlead/v1\nservices: {a: {retries: off}}\n");
        routes.reconfigure(routes.code()
                .forEveryService(o -> o.withRetries(o.retries().withAttempts(7)))
                .forService("b", o -> o.withPolicy("random")));
        assertThat(fairlead.options().forService("a").retries().isOff()).isTrue();
        assertThat(fairlead.options().forService("c").retries().attempts()).isEqualTo(7);
        source.set("apiVersion: fairlead/v1\nservices: {}\n");
        assertThat(fairlead.options().forService("a").retries().attempts()).isEqualTo(7);
        assertThat(fairlead.options().forService("b").policy().name()).isEqualTo("random");
        assertThat(routes.reconfigure(routes.code().withIdleAfter(Duration.ofSeconds(7))))
                .isCompletedExceptionally();
        assertThat(fairlead.options().forService("a").retries().attempts()).isEqualTo(7);
    }

    @Test
    void aSourceThatCanNotBeFollowedIsToldToWhoStartsAndLeavesNothing() {
        DocumentSource refusing = new DocumentSource() {
            @Override
            public String description() {
                return "refusing";
            }

            @Override
            public Subscription watch(Listener listener) {
                throw new IllegalStateException("no such key");
            }
        };
        assertThatThrownBy(() -> LiveRoutes.start(fairlead, refusing)).hasMessage("no such key");
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void aSecondDocumentForOneBalancerIsRefusedUntilTheFirstIsClosed() {
        LiveRoutes first = start();
        source.set(split("1", 5));
        SettableSource other = new SettableSource("another test");
        assertThatThrownBy(() -> LiveRoutes.start(fairlead, other))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "options can not follow another test: they follow a test (expected: one source at a time, the"
                                + " other closed before)");
        assertThat(other.isWatched()).isFalse();
        assertThatThrownBy(this::start).isInstanceOf(IllegalStateException.class);
        source.set(split("2", 10));
        assertThat(first.status().version()).isEqualTo("2");
        first.close();
        LiveRoutes second = LiveRoutes.start(fairlead, other);
        other.set(split("3", 20));
        first.close();
        assertThat(first.reconfigure(FairleadOptions.defaults())).isCompletedExceptionally();
        assertThat(attempts()).isEqualTo(5);
        assertThatThrownBy(this::start).hasMessageContaining("they follow another test");
        second.close();
    }

    /** On real threads: what would be applied late would undo what the next one has set. */
    @Test
    void whoClosesWhileADocumentIsAppliedLetsAnotherBeginOnceItIs() throws InterruptedException {
        CountDownLatch applying = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        fairlead.close();
        Busy guard = new Busy();
        guard.onAsked = () -> {
            applying.countDown();
            awaitQuietly(goOn);
        };
        fairlead = Fairlead.builder(MemoryRegistry.of(List.of()))
                .environment(Environment.system())
                .guard(guard)
                .build();
        LiveRoutes first = start();
        source.set(split("1", 5));
        assertThat(applying.await(10, TimeUnit.SECONDS)).isTrue();
        first.close();
        assertThatThrownBy(() -> LiveRoutes.start(fairlead, new SettableSource("another test")))
                .isInstanceOf(IllegalStateException.class);
        goOn.countDown();
        await().ignoreExceptions().until(() -> {
            LiveRoutes.start(fairlead, new SettableSource("another test")).close();
            return true;
        });
        assertThat(attempts()).isEqualTo(5);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException unexpected) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void onceClosedNothingIsFollowedAndWhatIsInForceStays() {
        LiveRoutes routes = start();
        source.set(split("1", 5));
        routes.close();
        routes.close();
        assertThat(source.isWatched()).isFalse();
        assertThat(attempts()).isEqualTo(5);
        assertThat(time.pendingTasks()).isZero();
    }

    /** A balancer that can not be changed while its guards throw. */
    private Busy busy(EventListener listener) {
        fairlead.close();
        Busy guard = new Busy();
        fairlead = Fairlead.builder(MemoryRegistry.of(List.of()))
                .environment(time.environment(3, listener))
                .guard(guard)
                .build();
        return guard;
    }

    private void clear() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Guards that a change of options has to ask whether they are the same. */
    private static final class Busy implements InstanceGuard.Factory {
        @Nullable
        Throwable thrown;

        volatile int asked;
        volatile Runnable onAsked = () -> {};

        @Override
        public InstanceGuard newGuard(
                ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) {
            throw new IllegalStateException("no instance, no guard");
        }

        @Override
        public boolean equals(@Nullable Object other) {
            asked = asked + 1;
            onAsked.run();
            if (thrown != null) {
                throw AnyThrowable.sneak(thrown);
            }
            return this == other;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    private LiveRoutes start() {
        return LiveRoutes.builder(fairlead, source)
                .lastGood(folder)
                .clock(() -> NOW)
                .start();
    }

    private Path kept() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        }
    }

    private String last(String kind) {
        List<String> lines = events.events(kind);
        return lines.get(lines.size() - 1);
    }

    private int attempts() {
        return fairlead.options().forService("checkout").retries().attempts();
    }

    private static Fairlead fairlead(Environment environment) {
        return Fairlead.builder(MemoryRegistry.of(List.of()))
                .environment(environment)
                .build();
    }

    private static String split(String version, int weight) {
        return "apiVersion: fairlead/v1\nversion: " + version
                + "\ndefaults: {retries: {attempts: 5}}\nservices:\n  checkout:\n"
                + "    subsets: {v41: {version: '4.1'}, v42: {version: '4.2'}}\n    rules: [{name: release, to: [{subset: v42,"
                + " weight: " + weight + "}, {subset: v41, weight: " + (100 - weight)
                + "}], fallback: [v41]}]\n    default: {to: v41, fallback: none}\n";
    }
}
