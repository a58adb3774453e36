// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists on a disk that is full, read-only, damaged or cut off while being written. */
class StoredListIT {
    private static final long SEED = 49;

    @TempDir
    private Path folder;

    private final RecordingListener events = new RecordingListener();

    @Test
    void theDiskIsFullOrReadOnly() throws Exception {
        boolean mounted = Files.getOwner(folder).getName().equals("root")
                && mount("-t", "tmpfs", "-o", "size=64k,mode=700", "none");
        try (MemoryRegistry registry = MemoryRegistry.create();
                Fairlead fairlead = storing(registry)) {
            StoredLists.register(registry, "a");
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            Load.await(() -> StoredLists.only(folder) != null);
            Path file = StoredLists.only(folder);
            byte[] before = Files.readAllBytes(file);
            String how = mounted ? "a full tmpfs, then read-only" : "a folder in the temporary file's way";
            if (mounted) {
                fill(folder.resolve("filler"));
            } else {
                Files.createDirectories(
                        folder.resolve(file.getFileName() + ".new").resolve("in-the-way"));
            }
            int calls = change(registry, fairlead, "full");
            if (mounted) {
                mount("-o", "remount,ro");
                calls += change(registry, fairlead, "read-only");
            }
            boolean same = Arrays.equals(before, Files.readAllBytes(file));
            int warnings = events.events("callback snapshots").size();
            record(
                    "F48",
                    how + " under 40 changes of the list",
                    "0 calls failed; ≤ 1 warning a minute; the old file byte-identical",
                    "0 of " + calls + " failed; " + warnings + " warning; old file " + (same ? "identical" : "changed"),
                    same && warnings == 1);
            assertThat(same).isTrue();
            assertThat(warnings).isEqualTo(1);
        } finally {
            if (mounted) {
                run("umount", folder.toString());
            }
        }
    }

    @Test
    void bitsFlipAndEndsAreCutOff() throws Exception {
        store("a", "b");
        Path file = StoredLists.only(folder);
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(SEED);
        int accepted = 0;
        for (int i = 0; i < 200; i++) {
            byte[] damaged = i % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            if (damaged.length == whole.length) {
                damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, damaged);
            accepted += StoredLists.load(folder) == null ? 0 : 1;
        }
        Files.write(file, whole);
        ServiceStatus intact = StoredLists.load(folder);
        record(
                "F49 bits",
                "a stored list with a bit flipped or its end cut off, 200 times",
                "0 loaded; the whole one loads",
                accepted + " loaded; the whole one: "
                        + (intact == null ? "no" : intact.instances().size() + " instances"),
                accepted == 0 && intact != null);
        assertThat(accepted).as("seed " + SEED).isZero();
        assertThat(intact).isNotNull();
    }

    @Test
    @Tag("long")
    void killedWhileWriting() throws Exception {
        Random random = new Random(SEED);
        int loaded = 0;
        int torn = 0;
        int rounds = 200;
        for (int i = 0; i < rounds; i++) {
            Process writer = writer();
            try (BufferedReader out = writer.inputReader()) {
                assertThat(out.readLine()).isEqualTo("ready");
                LockSupport.parkNanos(random.nextInt(60_000_000));
            } finally {
                writer.destroyForcibly().waitFor();
            }
            ServiceStatus status = StoredLists.load(folder);
            loaded += status == null ? 0 : 1;
            torn += status != null && status.instances().size() != StoredListWriter.INSTANCES ? 1 : 0;
        }
        record(
                "F49",
                "kill -9 of a process that stores lists all the time, " + rounds + " times",
                "0 crashes, 0 torn lists; each next start finds one",
                torn + " torn; " + loaded + " of " + rounds + " starts found a list",
                torn == 0 && loaded >= rounds - 1);
        assertThat(torn).isZero();
        assertThat(loaded).isGreaterThan(rounds - 3);
    }

    @Test
    void storedFilesKeepToThemselves() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("lists"));
        Path outside = Files.writeString(folder.resolve("outside"), "untouched");
        int refused = 0;
        try (MemoryRegistry registry = MemoryRegistry.create();
                Fairlead fairlead = Fairlead.builder(registry).snapshots(inner).build()) {
            StoredLists.register(registry, "a");
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            for (String name :
                    List.of("../outside", "../../etc/passwd", "..", "/etc/passwd", "a/b", "orders\0", "%2e%2e")) {
                try {
                    fairlead.awaitReady(Duration.ZERO, name);
                } catch (RuntimeException illegal) {
                    refused++;
                }
            }
            Load.await(() -> StoredLists.only(inner) != null);
        }
        Path file = StoredLists.only(inner);
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        byte[] whole = Files.readAllBytes(file);
        boolean evilLoaded = StoredLists.loads(inner, file, forged(whole, "10.0.0.1", "10.0.0\r1"));
        boolean wholeLoaded = StoredLists.loads(inner, file, whole);
        Files.move(file, folder.resolve("elsewhere"));
        Files.createSymbolicLink(file, folder.resolve("elsewhere"));
        boolean linkLoaded = StoredLists.load(inner) != null;
        long escaped = StoredLists.files(folder)
                .filter(path -> !List.of("lists", "outside", "elsewhere")
                        .contains(path.getFileName().toString()))
                .count();
        boolean met = refused == 7
                && mode.equals("rw-------")
                && !evilLoaded
                && wholeLoaded
                && !linkLoaded
                && escaped == 0
                && Files.readString(outside).equals("untouched");
        record(
                "S17",
                "stored lists: names like ../outside, a symbolic link, a forged address with a right checksum",
                "0 files outside the folder; mode 0600; link and forgery refused",
                escaped + " outside; mode " + mode + "; link " + word(linkLoaded) + ", forgery " + word(evilLoaded)
                        + ", the real one " + word(wholeLoaded),
                met);
        assertThat(met).isTrue();
    }

    private int change(MemoryRegistry registry, Fairlead fairlead, String prefix) {
        int calls = 0;
        for (int i = 0; i < 20; i++) {
            StoredLists.register(registry, prefix + i);
            int expected = fairlead.status("orders").instances().size();
            Load.await(() -> fairlead.status("orders").instances().size() >= expected);
            for (int call = 0; call < 50; call++, calls++) {
                fairlead.acquire("orders", PickContext.none()).close();
            }
        }
        Load.await(() -> !events.events("callback snapshots").isEmpty());
        return calls;
    }

    private Fairlead storing(MemoryRegistry registry) {
        return Fairlead.builder(registry)
                .snapshots(folder)
                .environment(Environment.system().withListener(events))
                .build();
    }

    private void store(String... ids) throws IOException {
        try (MemoryRegistry registry = MemoryRegistry.create();
                Fairlead fairlead = storing(registry)) {
            for (String id : ids) {
                StoredLists.register(registry, id);
            }
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            Load.await(() -> StoredLists.only(folder) != null);
        }
    }

    private static byte[] forged(byte[] whole, String from, String to) {
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        assertThat(text).contains(from);
        byte[] bytes = text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
        CRC32C sum = new CRC32C();
        sum.update(bytes, 8, bytes.length - 8);
        ByteBuffer.wrap(bytes).putInt(4, (int) sum.getValue());
        return bytes;
    }

    private Process writer() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoredListWriter.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            byte[] page = new byte[4_096];
            for (int i = 0; i < 100; i++) {
                out.write(page);
            }
        } catch (IOException full) {
            return;
        }
        throw new IOException("the disk did not get full");
    }

    private boolean mount(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(options));
        command.add(folder.toString());
        return run(command.toArray(String[]::new)) == 0;
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static String word(boolean loaded) {
        return loaded ? "loaded" : "refused";
    }
}
