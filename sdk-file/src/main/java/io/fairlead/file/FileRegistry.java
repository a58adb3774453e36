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
import io.fairlead.spi.SerialTasks;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledFuture;
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

    private final ServicesFile file;
    private final Environment environment;
    private final OpenWatches<FileWatch> watches;
    private final SerialTasks work;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ScheduledFuture<?> looking; // guarded by lock
    private boolean closed; // guarded by lock

    /** Looks at {@code path} from the first watch on. */
    public FileRegistry(Path path, Environment environment) {
        this.environment = environment;
        this.file = new ServicesFile(path, environment.listener());
        this.watches =
                new OpenWatches<>(description(), environment, (service, feed) -> new FileWatch(service, feed, this));
        this.work = new SerialTasks(
                environment, failure -> environment.listener().onCallbackFailed(description(), failure));
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
        return new TreeSet<>(file.read().keySet());
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
            if (looking != null) {
                looking.cancel(false);
                looking = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A watch began: it hears of the file at once, and from now on the file is looked at. */
    void opened(FileWatch watch) {
        lock.lock();
        try {
            if (looking == null && !closed) {
                looking = environment
                        .scheduler()
                        .scheduleWithFixedDelay(
                                () -> work.execute(this::look), LOOK_NANOS, LOOK_NANOS, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
        work.execute(() -> tell(List.of(watch), () -> {
            Map<String, List<ServiceInstance>> services = file.read();
            watch.adopt(services);
        }));
    }

    private void look() {
        List<FileWatch> open = watches.all();
        if (open.isEmpty()) {
            return;
        }
        tell(open, () -> {
            Map<String, List<ServiceInstance>> services = file.readIfChanged();
            open.forEach(services == null ? FileWatch::confirm : watch -> watch.adopt(services));
        });
    }

    /** Whatever reading throws interrupts the watches; the next look comes. */
    private void tell(List<FileWatch> open, Runnable reading) {
        try {
            reading.run();
        } catch (RegistryException unreadable) {
            open.forEach(watch -> watch.interrupt(unreadable));
        } catch (Throwable failure) {
            file.forget();
            RegistryException told = new RegistryException(
                    Reason.INVALID_ANSWER, description() + " can not be read: " + failure, failure);
            open.forEach(watch -> watch.interrupt(told));
        }
    }
}
