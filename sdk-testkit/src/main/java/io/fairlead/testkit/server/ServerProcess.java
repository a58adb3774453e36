// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One server process that a test owns: its own data folder, its output in a log, killed at the latest when this JVM ends.
 * Not thread-safe.
 */
final class ServerProcess implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final int FIRST_PORT = 16_000;
    private static final int LAST_PORT = 32_000;
    private static final int MOST_TRIES = 100;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String name;
    private final Path folder;
    private final Thread reaper = new Thread(this::kill, "reaper");
    private @Nullable Process process;

    ServerProcess(String name) {
        this.name = name;
        try {
            Path parent = Files.createDirectories(Path.of("target", "servers").toAbsolutePath());
            this.folder = Files.createTempDirectory(parent, name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(reaper);
    }

    /** Where the server keeps its data. */
    Path data() {
        return folder.resolve("data");
    }

    Path folder() {
        return folder;
    }

    /** Starts it. */
    void launch(List<String> command) {
        try {
            Files.createDirectories(data());
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it answers as a healthy one does. */
    void awaitHealthy(BooleanSupplier healthy) {
        long startNanos = System.nanoTime();
        while (!healthy.getAsBoolean()) {
            Process starting = process;
            if (starting == null || !starting.isAlive() || System.nanoTime() - startNanos > START_NANOS) {
                String log = log();
                kill();
                throw new IllegalStateException(
                        name + " did not start; its log ends: " + log.substring(Math.max(0, log.length() - 2_000)));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** SIGKILL, and waits for its end. */
    void kill() {
        end(Process::destroyForcibly);
    }

    /** SIGTERM, and waits for its end. */
    void terminate() {
        end(Process::destroy);
    }

    private void end(Consumer<Process> how) {
        Process running = process;
        if (running != null) {
            how.accept(running);
            try {
                running.waitFor();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            process = null;
        }
    }

    /** SIGSTOP: it accepts connections and never answers. */
    void pause() {
        signal("STOP");
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(10))
                .until(this::isStopped);
    }

    /** SIGCONT. */
    void resume() {
        signal("CONT");
    }

    /** Deletes its data; only while it is not running. */
    void wipe() {
        if (process != null) {
            throw new IllegalStateException(name + " is running (expected: kill() first)");
        }
        delete(data());
    }

    String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() {
        kill();
        try {
            Runtime.getRuntime().removeShutdownHook(reaper);
        } catch (IllegalStateException shuttingDown) {
            // the hook runs already, which is as good
        }
        delete(data());
    }

    /**
     * Ports that were free a moment ago. None of those the system gives to whoever connects: such a port would be taken
     * while the server that had it is down.
     */
    static int[] freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            int[] ports = new int[count];
            for (int i = 0; i < count; i++) {
                ServerSocket socket = bound();
                sockets.add(socket);
                ports[i] = socket.getLocalPort();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            for (ServerSocket socket : sockets) {
                closeQuietly(socket);
            }
        }
    }

    private static ServerSocket bound() throws IOException {
        for (int tries = 1; ; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT + 1);
            try {
                return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            } catch (BindException taken) {
                if (tries == MOST_TRIES) {
                    throw taken;
                }
            }
        }
    }

    private static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The signal reaches the threads one after the other; until the last has it, the process still answers. */
    private boolean isStopped() {
        Process running = process;
        Path threads = Path.of("/proc/" + (running == null ? 0 : running.pid()) + "/task");
        if (!Files.isDirectory(threads)) {
            return true; // not Linux: nothing to look at
        }
        try (Stream<Path> each = Files.list(threads)) {
            return each.allMatch(thread -> {
                try {
                    String stat = Files.readString(thread.resolve("stat"));
                    return stat.startsWith("T", stat.lastIndexOf(')') + 2);
                } catch (IOException ended) {
                    return true;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(String signal) {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(name + " is not running");
        }
        try {
            int code = new ProcessBuilder("kill", "-" + signal, String.valueOf(running.pid()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill -" + signal + " of " + name + " ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
