// SPDX-License-Identifier: Apache-2.0
package io.fairlead.composite;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Backoff;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.RepeatedTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One instance in several registries. Those that refuse it at first are tried again until it is closed. */
final class CompositeRegistration implements Registration {
    private final HealthCheck check;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Registration> handles = new ArrayList<>(); // guarded by lock
    private ServiceInstance wanted; // guarded by lock
    private boolean onShutdown; // guarded by lock
    private boolean leaving; // guarded by lock
    private volatile @Nullable RegistryException lastError;

    private CompositeRegistration(ServiceInstance instance, HealthCheck check, Environment environment) {
        this.wanted = instance;
        this.check = check;
        this.environment = environment;
    }

    /**
     * Registers with all.
     *
     * @throws RegistryException when none takes it; nothing goes on in the background then
     */
    static CompositeRegistration start(
            List<Registry> registries, ServiceInstance instance, HealthCheck check, Environment environment) {
        CompositeRegistration all = new CompositeRegistration(instance, check, environment);
        List<Registry> refusing = new ArrayList<>();
        try {
            for (Registry registry : registries) {
                if (!all.tryRegister(registry)) {
                    refusing.add(registry);
                }
            }
        } catch (Throwable broken) {
            // It throws, so nothing of it may stay.
            all.leave();
            closeAll(all.handles(), environment);
            throw broken;
        }
        if (refusing.size() == registries.size()) {
            throw Objects.requireNonNull(all.lastError, "a refusal without an error");
        }
        for (Registry registry : refusing) {
            all.retry(registry, Backoff.ofRegistry(environment.random()));
        }
        return all;
    }

    @Override
    public ServiceInstance instance() {
        return first().instance();
    }

    @Override
    public State state() {
        State state = first().state();
        return state == State.REGISTERED && handles().stream().anyMatch(handle -> handle.state() == State.REPAIRING)
                ? State.REPAIRING
                : state;
    }

    @Override
    public @Nullable RegistryException lastError() {
        return handles().stream()
                .map(Registration::lastError)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(lastError);
    }

    @Override
    public void update(ServiceInstance instance) {
        lock.lock();
        try {
            wanted = instance;
        } finally {
            lock.unlock();
        }
        each(handle -> handle.update(instance));
    }

    @Override
    public void report(InstanceStatus status, String note) {
        each(handle -> handle.report(status, note));
    }

    @Override
    public void drain() {
        leave();
        each(Registration::drain);
    }

    @Override
    public void idle() {
        each(Registration::idle);
    }

    @Override
    public Registration closeOnShutdown() {
        lock.lock();
        try {
            onShutdown = true;
        } finally {
            lock.unlock();
        }
        each(Registration::closeOnShutdown);
        return this;
    }

    /** All at once, as each may take its whole deadline. */
    @Override
    public void close() {
        leave();
        closeAll(handles(), environment);
    }

    @Override
    public CompletionStage<Void> closeAsync() {
        leave();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (Registration handle : handles()) {
            try {
                ends.add(handle.closeAsync().toCompletableFuture());
            } catch (Throwable failure) {
                tell(failure);
            }
        }
        return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
    }

    @Override
    public long losses() {
        return handles().stream().mapToLong(Registration::losses).sum();
    }

    /** All at once and each by itself: what one throws, or an executor that refuses, keeps nobody open. */
    static void closeAll(List<? extends AutoCloseable> parts, Environment environment) {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (AutoCloseable part : parts) {
            Runnable close = () -> {
                try {
                    part.close();
                } catch (Throwable failure) {
                    environment.listener().onCallbackFailed("close of one of several registries", failure);
                }
            };
            try {
                ends.add(CompletableFuture.runAsync(close, environment.executor()));
            } catch (Throwable refused) {
                close.run();
            }
        }
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).join();
    }

    /** One after the other; the first failure reaches the caller when all have been told. */
    private void each(Consumer<Registration> verb) {
        Throwable failure = null;
        for (Registration handle : handles()) {
            try {
                verb.accept(handle);
            } catch (Throwable failed) {
                failure = failure == null ? failed : failure;
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw failure instanceof RuntimeException unchecked ? unchecked : new CompletionException(failure);
        }
    }

    private boolean tryRegister(Registry registry) {
        ServiceInstance instance = wantedNow();
        Registration handle;
        try {
            handle = registry.register(instance, check);
        } catch (RegistryException refused) {
            lastError = refused;
            return false;
        }
        boolean late = false;
        boolean arm = false;
        lock.lock();
        try {
            late = leaving;
            arm = onShutdown;
            if (!late) {
                handles.add(handle);
            }
        } finally {
            lock.unlock();
        }
        if (late) {
            handle.close();
            return true;
        }
        try {
            if (arm) {
                handle.closeOnShutdown();
            }
            if (!instance.equals(wantedNow())) {
                handle.update(wantedNow());
            }
        } catch (RegistryException unanswered) {
            // The handle goes on writing it.
            lastError = unanswered;
        } catch (Throwable failure) {
            // It is registered: another try would register it twice.
            tell(failure);
        }
        return true;
    }

    private void retry(Registry registry, Backoff backoff) {
        RepeatedTask.start(
                environment.scheduler(),
                environment.executor(),
                backoff.nextNanos(),
                () -> isLeaving() || tryRegister(registry) ? -1 : backoff.nextNanos(),
                this::tell);
    }

    private void tell(Throwable failure) {
        environment
                .listener()
                .onCallbackFailed("registration of '" + wantedNow().id() + "'", failure);
    }

    private Registration first() {
        return handles().get(0);
    }

    private List<Registration> handles() {
        lock.lock();
        try {
            return List.copyOf(handles);
        } finally {
            lock.unlock();
        }
    }

    private ServiceInstance wantedNow() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    private boolean isLeaving() {
        lock.lock();
        try {
            return leaving;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            leaving = true;
        } finally {
            lock.unlock();
        }
    }
}
