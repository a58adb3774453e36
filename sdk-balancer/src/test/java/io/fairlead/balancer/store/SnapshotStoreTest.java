// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.store;

import static io.fairlead.balancer.FakeRegistry.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists that outlive the process: F48, F49 and S17 of docs/faults.md. */
class SnapshotStoreTest {
    @TempDir
    private Path folder;

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();

    @Test
    void everyFieldSurvives() {
        ServiceInstance full = ServiceInstance.builder("orders")
                .id("a")
                .address("2001:db8::1", 443)
                .scheme("https")
                .weight(7)
                .zone("z")
                .version("1.2")
                .tag("t")
                .metadata("k", "wert ü")
                .status(InstanceStatus.WARNING)
                .build();
        ServiceSnapshot list = new ServiceSnapshot("orders", 9, List.of(full, instance("b")));
        store().save(list);
        assertThat(loaded()).hasSize(1);
        assertThat(loaded().get(0).instances()).isEqualTo(list.instances());
    }

    @Test
    void startsFromTheStoredListWhileTheRegistryIsDown() {
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead before = fairlead(registry)) {
            registry.lists("a", "b");
            before.acquire("orders", PickContext.none());
        }
        FakeRegistry down = new FakeRegistry(time.environment());
        Fairlead fairlead = fairlead(down);
        assertThatThrownBy(() -> fairlead.awaitReady(Duration.ZERO, "orders")).isInstanceOf(NoInstanceException.class);
        time.advance(Duration.ofMillis(500));
        assertThat(fairlead.acquire("orders", PickContext.none()).instance().id())
                .isIn("a", "b");
        assertThat(fairlead.status("orders").stale()).isTrue();
        down.lists("a");
        assertThat(fairlead.status("orders").stale()).isFalse();
        assertThat(ids(fairlead)).containsExactly("a", "b"); // b is held: the stored list may be right
        time.advance(Duration.ofSeconds(62));
        assertThat(ids(fairlead)).containsExactly("a");
    }

    @Test
    void anInterruptionBeforeTheFirstListUsesTheStoreAtOnce() {
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("a"))));
        FakeRegistry down = new FakeRegistry(time.environment());
        down.interrupt();
        Fairlead fairlead = fairlead(down);
        fairlead.awaitReady(Duration.ZERO, "orders");
        assertThat(ids(fairlead)).containsExactly("a");
    }

    @Test
    void damageIsNoticedWhereverItIs() throws IOException {
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("a"), instance("b"))));
        Path file = onlyFile();
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(4);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = i % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            if (damaged.length == whole.length) {
                damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, damaged);
            assertThat(loaded()).isEmpty();
        }
        Files.write(file, whole);
        assertThat(loaded()).hasSize(1);
        assertThat(events.events("callback")).hasSize(200);
    }

    @Test
    void onlyTheOwnerReadsItAndNamesStayInTheFolder() throws IOException {
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("a"))));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(onlyFile())))
                .isEqualTo("rw-------");
        assertThat(onlyFile().getFileName().toString()).matches("[0-9a-f]{32}\\.snapshot");
        Path elsewhere = Files.move(onlyFile(), folder.resolveSibling(folder.getFileName() + "-elsewhere"));
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("a"))));
        Path name = onlyFile();
        Files.delete(name);
        Files.createSymbolicLink(name, elsewhere);
        assertThat(loaded()).isEmpty();
    }

    @Test
    void aFolderThatCanNotBeWrittenIsToldOnceAMinuteAndHarmsNothing() throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("file"), "in the way");
        SnapshotStore store = new SnapshotStore(notAFolder, "fake", time.environment(1, events));
        for (int i = 0; i < 100; i++) {
            store.save(new ServiceSnapshot("orders", i, List.of(instance("a" + i))));
        }
        assertThat(events.events("callback")).hasSize(1);
        time.advance(Duration.ofSeconds(61));
        store.save(new ServiceSnapshot("orders", 1, List.of(instance("b"))));
        assertThat(events.events("callback")).hasSize(2);
        assertThat(Files.readString(notAFolder)).isEqualTo("in the way");
    }

    @Test
    void whatWasReadFromOneRegistryIsNeverUsedForAnother() {
        FakeRegistry production = new FakeRegistry(time.environment());
        try (Fairlead before = fairlead(production)) {
            production.lists("a", "b");
            before.acquire("orders", PickContext.none());
        }
        FakeRegistry staging = new FakeRegistry(time.environment(), "fake staging");
        Fairlead fairlead = fairlead(staging);
        assertThatThrownBy(() -> fairlead.awaitReady(Duration.ZERO, "orders")).isInstanceOf(NoInstanceException.class);
        time.advance(Duration.ofSeconds(1));
        assertThat(fairlead.status("orders").ready()).isFalse();
        staging.lists("c");
        assertThat(ids(fairlead)).containsExactly("c");
        assertThat(loaded().get(0).instances())
                .extracting(ServiceInstance::id)
                .as("what production's clients start with")
                .containsExactly("a", "b");
    }

    @Test
    void aFileThatWasPutInAnothersPlaceIsNotUsed() throws IOException {
        new SnapshotStore(folder, "elsewhere", time.environment(1, events))
                .save(new ServiceSnapshot("orders", 1, List.of(instance("a"))));
        Path others = onlyFile();
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("b"))));
        try (Stream<Path> files = Files.list(folder)) {
            Path own = files.filter(file -> !file.equals(others)).findFirst().orElseThrow();
            Files.copy(others, own, StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(loaded()).isEmpty();
    }

    @Test
    void manyProcessesWriteOneFolderAndWhoeverReadsFindsAWholeList() throws Exception {
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 4; w++) {
            String id = "w" + w;
            SnapshotStore store = new SnapshotStore(folder, "fake", time.environment(w, events));
            writers.add(new Thread(() -> {
                for (int i = 0; i < 50; i++) {
                    store.save(new ServiceSnapshot("orders", i, List.of(instance(id + "-" + i), instance(id))));
                }
            }));
        }
        writers.forEach(Thread::start);
        int read = 0;
        while (writers.stream().anyMatch(Thread::isAlive)) {
            List<ServiceSnapshot> found = loaded();
            if (!found.isEmpty()) {
                assertThat(found.get(0).instances()).hasSize(2);
                read++;
            }
        }
        assertThat(read).isPositive();
        assertThat(events.events("callback")).isEmpty();
        assertThat(onlyFile()).exists();
    }

    @Test
    void aProcessThatStoodStillWhileItWroteBringsBackNoOldList() throws IOException {
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("first"))));
        Path file = onlyFile();
        byte[] before = Files.readAllBytes(file);
        Replacement stopped = Replacement.begin(folder, file.getFileName().toString());
        awaitAnotherTimeThan(stopped.began());
        SnapshotStore quick = store();
        quick.save(new ServiceSnapshot("orders", 1, List.of(instance("newer"))));
        assertThat(stopped.commit(before)).isFalse();
        assertThat(loaded().get(0).instances()).extracting(ServiceInstance::id).containsExactly("newer");
        assertThat(onlyFile()).isEqualTo(file);
    }

    @Test
    void whoBeganLaterReplacesWhatAnotherPutThereMeanwhile() throws IOException {
        Replacement early = Replacement.begin(folder, "one.snapshot");
        awaitAnotherTimeThan(early.began());
        Replacement late = Replacement.begin(folder, "one.snapshot");
        assertThat(early.commit(new byte[] {1})).isTrue();
        assertThat(late.commit(new byte[] {2})).isTrue();
        assertThat(Files.readAllBytes(onlyFile())).containsExactly(2);
    }

    @Test
    void aFileFromTheFutureIsReplaced() throws IOException {
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("first"))));
        Files.setLastModifiedTime(onlyFile(), FileTime.fromMillis(Long.MAX_VALUE / 1_000_000));
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("second"))));
        assertThat(loaded().get(0).instances()).extracting(ServiceInstance::id).containsExactly("second");
    }

    /** The file system's clock moves in steps. */
    private void awaitAnotherTimeThan(FileTime time) throws IOException {
        Path probe = folder.resolveSibling(folder.getFileName() + "-clock");
        do {
            Files.deleteIfExists(probe);
            Files.createFile(probe);
        } while (Files.getLastModifiedTime(probe).compareTo(time) <= 0);
        Files.delete(probe);
    }

    @Test
    void whatAProcessLeftThatDiedWhileItWroteIsRemoved() throws IOException {
        Path left = Files.writeString(folder.resolve("0123.snapshot.17.new"), "half a li");
        Files.setLastModifiedTime(left, FileTime.fromMillis(0));
        store().save(new ServiceSnapshot("orders", 1, List.of(instance("a"))));
        assertThat(onlyFile().getFileName().toString()).endsWith(".snapshot");
    }

    @Test
    void aServiceThatHasNoInstanceLeavesNoFile() throws IOException {
        store().save(new ServiceSnapshot("nobody", 1, List.of()));
        SnapshotStore store = store();
        store.save(new ServiceSnapshot("orders", 1, List.of(instance("a"))));
        store.save(new ServiceSnapshot("orders", 2, List.of()));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    /** Neither the executor nor the timer takes it: the next list of the service is stored all the same. */
    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.AnyThrowable#kinds")
    void aListThatNobodyCouldStoreDoesNotKeepTheNextFromIt(Throwable kind) {
        int[] refusals = {1};
        Environment whole = time.environment(1, events);
        Executor refusing = task -> {
            if (refusals[0]-- > 0) {
                throw AnyThrowable.sneak(kind);
            }
            task.run();
        };
        ScheduledExecutorService dead = Executors.newSingleThreadScheduledExecutor();
        dead.shutdown();
        SnapshotStore store =
                new SnapshotStore(folder, "fake", new Environment(time, dead, refusing, whole.random(), events));
        ServiceSnapshot first = new ServiceSnapshot("orders", 1, List.of(instance("a")));
        assertThatThrownBy(() -> store.save(first)).isNotNull();
        store.save(new ServiceSnapshot("orders", 2, List.of(instance("b"))));
        assertThat(loaded()).hasSize(1);
        assertThat(loaded().get(0).instances()).containsExactly(instance("b"));
    }

    private SnapshotStore store() {
        return new SnapshotStore(folder, "fake", time.environment(1, events));
    }

    private Fairlead fairlead(FakeRegistry registry) {
        return Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .snapshots(folder)
                .build();
    }

    private List<ServiceSnapshot> loaded() {
        List<ServiceSnapshot> found = new ArrayList<>();
        new SnapshotStore(folder, "fake", time.environment(1, events)).load("orders", found::add);
        return found;
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.reduce((a, b) -> {
                        throw new AssertionError(a + " and " + b);
                    })
                    .orElseThrow();
        }
    }

    private static List<String> ids(Fairlead fairlead) {
        return fairlead.status("orders").instances().stream()
                .map(view -> view.instance().id())
                .toList();
    }
}
