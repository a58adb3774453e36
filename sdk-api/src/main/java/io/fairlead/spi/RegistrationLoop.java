// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one instance registered: writes it, gives signs of life, reads it back, repairs it, drains it. A backend supplies
 * the verbs ({@link RegistrationBackend}); this class decides when.
 *
 * <p>Everything that touches the registry runs as a task of one serial queue, so no late sign of life can bring back
 * what was removed. Safe for any thread.
 */
public final class RegistrationLoop implements Registration {
    private final RegistrationTiming timing;
    private final Environment environment;
    private final Runnable onClosed;
    private final long beatNanos;
    private final RegistryTasks work;
    private final @Nullable ProbeLoop probe;
    private final TendedRecord record;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean finished = new AtomicBoolean();
    private final CompletableFuture<Void> idle = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final ShutdownHook shutdown;

    private volatile ServiceInstance wanted;
    private volatile InstanceStatus reported;
    private volatile boolean draining;
    private volatile @Nullable RepeatedTask ticks;

    private RegistrationLoop(
            ServiceInstance instance,
            HealthCheck check,
            RegistrationBackend backend,
            RegistrationTiming timing,
            boolean probeHere,
            Environment environment,
            Runnable onClosed) {
        this.timing = timing;
        this.environment = environment;
        this.onClosed = onClosed;
        this.wanted = instance;
        this.reported = instance.status();
        this.beatNanos = check.kind() == HealthCheck.Kind.TTL
                ? Math.min(timing.beat().toNanos(), check.interval().toNanos() / 3)
                : timing.beat().toNanos();
        this.probe = probeHere && ProbeLoop.runs(check.kind())
                ? new ProbeLoop(check, instance, environment, this::healthChanged)
                : null;
        this.record = new TendedRecord(backend, this::effective, timing.readBack(), environment);
        this.work = new RegistryTasks(instance.id(), environment, record::failed);
        this.shutdown = new ShutdownHook("fairlead-close-" + instance.id(), this::close);
    }

    /**
     * Writes the instance and starts tending it.
     *
     * @param probeHere whether this process runs HTTP, TCP and gRPC checks itself, against the instance's own address;
     *     it then counts as critical until the first one passes
     * @param onClosed runs once, when the registration is gone
     * @throws RegistryException when the first write fails; nothing goes on in the background then
     */
    public static RegistrationLoop start(
            ServiceInstance instance,
            HealthCheck check,
            RegistrationBackend backend,
            RegistrationTiming timing,
            boolean probeHere,
            Environment environment,
            Runnable onClosed) {
        instance.requireRegistrable();
        RegistrationLoop loop =
                new RegistrationLoop(instance, check, backend, timing, probeHere, environment, onClosed);
        backend.onLost(() -> loop.work.submit(loop::look));
        loop.record.create();
        loop.ticks = RepeatedTask.start(
                environment.scheduler(), loop.work::execute, loop.beatNanos, loop::tick, loop.record::failed);
        if (loop.probe != null) {
            loop.probe.start();
        }
        return loop;
    }

    @Override
    public ServiceInstance instance() {
        return effective();
    }

    @Override
    public State state() {
        if (record.isRemoved()) {
            return State.CLOSED;
        }
        if (draining) {
            return State.DRAINING;
        }
        return record.isBroken() ? State.REPAIRING : State.REGISTERED;
    }

    @Override
    public @Nullable RegistryException lastError() {
        return record.lastError();
    }

    @Override
    public void update(ServiceInstance instance) {
        if (draining || record.isRemoved()) {
            throw new IllegalStateException("update of '" + wanted.id() + "', which is " + state());
        }
        if (!instance.isSameCopyAs(wanted)) {
            throw new IllegalArgumentException("update of " + wanted.id() + " at " + wanted.authority() + ": "
                    + instance.id() + " at " + instance.authority()
                    + " (expected: the same service, id, host and port)");
        }
        instance.requireRegistrable();
        wanted = instance;
        RegistryException failure = work.await(work.submit(record::publish));
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void report(InstanceStatus status, String note) {
        reported = status;
        healthChanged();
    }

    @Override
    public void drain() {
        if (!record.isRemoved()) {
            work.await(startDraining());
        }
    }

    @Override
    public Registration closeOnShutdown() {
        if (!closing.get()) {
            shutdown.arm();
        }
        return this;
    }

    @Override
    public void idle() {
        idle.complete(null);
    }

    @Override
    public void close() {
        CompletableFuture<Void> end = closeAsync();
        try {
            end.get(timing.deadline().toNanos() + RegistryTasks.PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException givenUp) {
            record.blame(new RegistryException(
                    RegistryException.Reason.UNREACHABLE,
                    "deregistration of '" + wanted.id() + "' did not end in time"));
        }
    }

    /** Starts what {@link #close} waits for; the future never fails. Idempotent. */
    public CompletableFuture<Void> closeAsync() {
        if (!closing.compareAndSet(false, true)) {
            return closed;
        }
        if (probe != null) {
            probe.stop();
        }
        long startNanos = environment.ticker().nanos();
        boolean drainedBefore = draining;
        work.within(RegistryTasks.PATIENCE_NANOS, startDraining()).whenComplete((failure, ignored) -> {
            boolean answered = failure == null;
            Duration wait = answered && !drainedBefore ? timing.propagation() : Duration.ZERO;
            var unused = later(wait.toNanos(), () -> deregister(answered, startNanos));
        });
        laterUnlessClosed(timing.deadline().toNanos(), this::finish);
        return closed;
    }

    private void deregister(boolean answered, long startNanos) {
        CompletableFuture<@Nullable RegistryException> gone = work.submit(record::remove);
        long spent = environment.ticker().nanos() - startNanos;
        long patience = answered ? RegistryTasks.PATIENCE_NANOS : Math.max(0, RegistryTasks.PATIENCE_NANOS - spent);
        work.within(patience, gone).whenComplete((failure, ignored) -> {
            record.abandon();
            idle.whenComplete((nothing, never) -> finish());
            laterUnlessClosed(failure == null ? timing.inFlight().toNanos() : 0, this::finish);
        });
    }

    private void finish() {
        record.abandon();
        if (finished.compareAndSet(false, true)) {
            // First: whoever waited for the close may register the same id again at once.
            onClosed.run();
            shutdown.disarm();
            RepeatedTask ending = ticks;
            if (ending != null) {
                ending.close();
            }
            closed.complete(null);
        }
    }

    private CompletableFuture<@Nullable RegistryException> startDraining() {
        draining = true;
        return work.submit(record::publish);
    }

    private ServiceInstance effective() {
        InstanceStatus status = reported;
        if (draining) {
            status = InstanceStatus.DRAINING;
        } else if (probe != null && probe.status().compareTo(status) > 0) {
            status = probe.status();
        }
        return wanted.withStatus(status);
    }

    private void healthChanged() {
        if (!draining && !record.isRemoved()) {
            work.submit(this::tend);
        }
    }

    /** Returns nanoseconds until the next tick; runs on the serial queue. */
    private long tick() {
        if (record.isRemoved()) {
            return -1;
        }
        long dueNanos = environment.ticker().nanos();
        long next = beatNanos;
        try {
            tend();
        } catch (Throwable failure) {
            record.failed(failure);
            next = Math.min(beatNanos, record.retryNanos());
        }
        long spent = environment.ticker().nanos() - dueNanos;
        return record.isRemoved() ? -1 : Math.max(0, next - spent);
    }

    /** One round of care; runs on the serial queue. */
    private void tend() {
        if (probe != null && !draining && probe.isOverdueForRemoval()) {
            record.dropForHealth();
        } else {
            record.tend();
        }
    }

    /** Somebody else changed the record. */
    private void look() {
        if (!record.isRemoved()) {
            record.doubt();
            tend();
        }
    }

    private void laterUnlessClosed(long nanos, Runnable task) {
        ScheduledFuture<?> timer = later(nanos, task);
        closed.whenComplete((nothing, never) -> timer.cancel(false));
    }

    private ScheduledFuture<?> later(long nanos, Runnable task) {
        return environment.scheduler().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }
}
