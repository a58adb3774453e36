// SPDX-License-Identifier: Apache-2.0
package io.fairlead.file;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.OpenWatches;
import io.fairlead.spi.WatchLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A JSON file as a registry, looked at every second: <pre>
 * {"services": {"orders": [{"id": "a", "address": "10.0.0.7:8080", "weight": 2, "zone": "eu-1a",
 *                           "version": "2.1", "scheme": "http", "tags": ["v2"], "metadata": {"k": "v"}}]}}
 * </pre> Only {@code address} is needed. A file that is absent or no JSON interrupts the watches and keeps their lists; an
 * entry that is no instance is rejected by itself. Takes no registrations. Replace the file by renaming another onto it.
 * Safe for any thread.
 */
public final class FileRegistry implements Registry {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ServicesFile file;
    private final Environment environment;
    private final OpenWatches<FileWatch> watches;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Looks looks; // guarded by lock
    private boolean closed; // guarded by lock

    /** Looks at {@code path} from the first watch on. */
    public FileRegistry(Path path, Environment environment) {
        this.environment = environment;
        this.file = new ServicesFile(path, environment.listener());
        this.watches =
                new OpenWatches<>(description(), environment, (service, feed) -> new FileWatch(service, feed, this));
    }

    @Override
    public String description() {
        return file.toString();
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return watches.subscribe(service, listener);
    }

    @Override
    public ServiceSnapshot list(String service) {
        String name = ServiceSnapshot.empty(service, 0).service();
        watches.requireOpen();
        return new ServiceSnapshot(name, 0, file.read().getOrDefault(name, List.of()));
    }

    @Override
    public Set<String> services() {
        watches.requireOpen();
        Set<String> names = new TreeSet<>();
        file.read().forEach((service, listed) -> {
            if (!listed.isEmpty()) {
                names.add(service);
            }
        });
        return names;
    }

    /**
     * Refuses.
     *
     * @throws RegistryException always
     */
    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        throw new RegistryException(
                Reason.REJECTED,
                description()
                        + " takes no registrations (expected: an entry in the file, or a merge with another registry)");
    }

    @Override
    public void close() {
        watches.close();
        lock.lock();
        try {
            closed = true;
            if (looks != null) {
                looks.loop.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A watch began: it hears of the file at once, and from now on the file is looked at. */
    void opened(FileWatch watch) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Looks now = looks;
            if (now == null) {
                Looks first = new Looks();
                first.loop.start();
                looks = first;
            } else {
                now.again();
            }
        } finally {
            lock.unlock();
        }
    }

    /** One look for all watches, every second. */
    private final class Looks implements WatchLoop.Rounds {
        private final WatchLoop loop = new WatchLoop(description(), environment, BEAT_NANOS, this);
        private Map<String, List<ServiceInstance>> read = Map.of(); // belongs to the loop's queue

        void again() {
            loop.run(this::round);
        }

        @Override
        public void round() {
            loop.next(LOOK_NANOS);
            List<FileWatch> open = watches.all();
            if (open.isEmpty()) {
                return;
            }
            Map<String, List<ServiceInstance>> changed = file.readIfChanged();
            if (changed != null) {
                read = changed;
            }
            open.forEach(watch -> watch.adopt(read, changed != null));
        }

        /** Whatever reading throws interrupts the watches; the next look comes. */
        @Override
        public long failed(Throwable failure) {
            RegistryException told = failure instanceof RegistryException unreadable
                    ? unreadable
                    : new RegistryException(
                            Reason.INVALID_ANSWER, description() + " can not be read: " + failure, failure);
            watches.all().forEach(watch -> watch.interrupt(told));
            return LOOK_NANOS;
        }
    }
}
