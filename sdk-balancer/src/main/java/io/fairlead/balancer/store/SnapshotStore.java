// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.store;

import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last list of each service on disk, so that a process can start while the registry is down. Written on a queue of its
 * own, never on a caller's or a watch's thread: into a temporary file of its own name, flushed to the disk, renamed onto the
 * old one, mode 0600, so that several processes can share a folder: a reader finds a whole list, and of two processes that
 * write at once the one that began later has the last word ({@link Replacement}). Named by a hash of the service and of what
 * it was read from: another registry, data centre or namespace has a file of its own. A failure is told at most once a
 * minute and changes nothing else. Safe for any thread.
 */
public final class SnapshotStore {
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MAX_BYTES = 64 << 20;

    /** Left by a process that died; older than any write takes. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Path folder;
    private final String source;
    private final Environment environment;
    private final SerialTasks work;

    /** Any thread puts a list here; the queue takes it out. */
    private final Map<String, ServiceSnapshot> pending = new ConcurrentHashMap<>();

    // Only tasks of the queue use the rest.
    private final Map<String, List<ServiceInstance>> written = new HashMap<>();
    private boolean swept;
    private long toldNanos;
    private boolean told;

    /**
     * In a folder, which is made when something is written.
     *
     * @param source what the lists are read from
     */
    public SnapshotStore(Path folder, String source, Environment environment) {
        this.folder = folder;
        this.source = source;
        this.environment = environment;
        this.work = new SerialTasks(environment, this::tell);
    }

    /** Writes a list soon; of several for one service only the newest. */
    public void save(ServiceSnapshot snapshot) {
        if (pending.put(snapshot.service(), snapshot) != null) {
            return;
        }
        try {
            work.execute(() -> {
                ServiceSnapshot newest = pending.remove(snapshot.service());
                if (newest != null && !newest.instances().equals(written.get(newest.service()))) {
                    write(newest);
                }
            });
        } catch (Throwable refused) {
            // No task will take this list. It must not stand here, or save would start none for the next list either.
            pending.remove(snapshot.service());
            throw refused;
        }
    }

    /** Reads a service's last list; {@code onFound} hears of it, on the queue, unless there is none that is whole. */
    public void load(String service, Consumer<ServiceSnapshot> onFound) {
        work.execute(() -> {
            ServiceSnapshot found = read(service);
            if (found != null) {
                onFound.accept(found);
            }
        });
    }

    /** The service is not watched any more. */
    public void forget(String service) {
        work.execute(() -> written.remove(service));
    }

    private void write(ServiceSnapshot snapshot) {
        try {
            if (snapshot.isEmpty()) {
                // Nothing to start from; names that no registry knows leave no file.
                Files.deleteIfExists(file(snapshot.service()));
                written.remove(snapshot.service());
            } else {
                byte[] content = SnapshotFormat.encode(source, snapshot);
                Replacement replacement = Replacement.begin(folder, name(snapshot.service()));
                if (replacement.commit(content)) {
                    written.put(snapshot.service(), snapshot.instances());
                }
                sweep(replacement.began());
            }
        } catch (IOException | RuntimeException failure) {
            tell(failure);
        }
    }

    /** Once: removes what processes left that died while they wrote. */
    private void sweep(FileTime now) throws IOException {
        if (swept) {
            return;
        }
        swept = true;
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.snapshot.*" + Replacement.TEMPORARY)) {
            for (Path file : left) {
                if (Files.getLastModifiedTime(file).toMillis() < now.toMillis() - ABANDONED.toMillis()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException renamed) {
            // Another process was done with it meanwhile.
        }
    }

    private @Nullable ServiceSnapshot read(String service) {
        Path file = file(service);
        try {
            if (Files.isSymbolicLink(file)) {
                throw new IOException(file + " is a symbolic link");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(file + " has more than " + MAX_BYTES + " bytes");
            }
            try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                return SnapshotFormat.decode(source, service, in.readAllBytes(), this::tell);
            }
        } catch (NoSuchFileException none) {
            return null;
        } catch (IOException | RuntimeException unusable) {
            tell(unusable);
            return null;
        }
    }

    private Path file(String service) {
        return folder.resolve(name(service));
    }

    private String name(String service) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((source + '\n' + service).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16) + ".snapshot";
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private void tell(Throwable failure) {
        long nowNanos = environment.ticker().nanos();
        if (!told || nowNanos - toldNanos >= QUIET_NANOS) {
            told = true;
            toldNanos = nowNanos;
            environment.listener().onCallbackFailed("snapshots in " + folder, failure);
        }
    }
}
