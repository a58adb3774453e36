// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.kit.RepeatedTask;
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
final class RegistrationLoop implements Registration {
    /** A removal that could not even be tried is tried so often. */
    private static final int REMOVALS = 10;

    private static final long REMOVAL_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

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
    private volatile boolean stands;
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
     * @param probeHere whether this process runs HTTP, TCP and gRPC checks itself, where the check's endpoint says;
     *     it then counts as critical until the first one passes
     * @param onClosed runs once, when the registration is gone
     * @throws RegistryException when the first write fails; what it may have written is taken back as far as the registry
     *     answers, and nothing goes on in the background
     */
    static RegistrationLoop start(
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
        try {
            backend.onLost(() -> loop.work.submit(loop::look));
            loop.record.create();
            loop.ticks = RepeatedTask.start(
                    environment.scheduler(), loop.work::execute, loop.beatNanos, loop::tick, loop.record::failed);
            if (loop.probe != null) {
                loop.probe.start();
            }
            loop.stands = true;
        } catch (Throwable failed) {
            loop.undo(failed);
            throw failed;
        }
        environment.listener().onRegistered(loop.instance());
        return loop;
    }

    /** Takes away at once what may stand already; nobody was told of it. Waits at most 3 s. */
    void undo(@Nullable Throwable cause) {
        closing.set(true);
        // Who was interrupted while it registered must still be able to take it back.
        boolean interrupted = Thread.interrupted();
        try {
            RegistryException failure = work.await(work.submit(record::remove));
            if (failure != null && cause != null && failure != cause) {
                cause.addSuppressed(failure);
            }
        } finally {
            finish();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
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
            throw new IllegalStateException("update of '" + wanted.id() + "', which is " + state()
                    + " (expected: a registration that nobody closed)");
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
                    "deregistration of '" + wanted.id()
                            + "' did not end in time; the registry drops it when its check expires"));
        }
    }

    @Override
    public long losses() {
        return record.losses();
    }

    /** Also idempotent. */
    @Override
    public CompletableFuture<Void> closeAsync() {
        if (!closing.compareAndSet(false, true)) {
            return closed;
        }
        try {
            stopProbe();
            long startNanos = environment.ticker().nanos();
            boolean drainedBefore = draining;
            work.within(RegistryTasks.PATIENCE_NANOS, startDraining()).whenComplete((failure, ignored) -> {
                boolean answered = failure == null;
                Duration wait = answered && !drainedBefore ? timing.propagation() : Duration.ZERO;
                if (later(wait.toNanos(), () -> deregister(answered, startNanos, REMOVALS)) == null) {
                    deregister(answered, startNanos, REMOVALS);
                }
            });
            laterUnlessClosed(timing.deadline().toNanos(), this::finish);
        } catch (Throwable failure) {
            record.failed(failure);
            deregister(false, environment.ticker().nanos(), REMOVALS);
        }
        return closed;
    }

    private void deregister(boolean answered, long startNanos, int tries) {
        CompletableFuture<@Nullable RegistryException> gone = work.submit(record::remove);
        long spent = environment.ticker().nanos() - startNanos;
        long patience = answered ? RegistryTasks.PATIENCE_NANOS : Math.max(0, RegistryTasks.PATIENCE_NANOS - spent);
        work.within(patience, gone).whenComplete((failure, ignored) -> {
            // Not the registry's answer: there was no memory, or no thread, for the question.
            boolean unasked = failure != null && failure.getCause() instanceof Error;
            if (unasked
                    && tries > 1
                    && later(REMOVAL_PAUSE_NANOS, () -> deregister(answered, startNanos, tries - 1)) != null) {
                return;
            }
            record.abandon();
            idle.whenComplete((nothing, never) -> finish());
            laterUnlessClosed(failure == null ? timing.inFlight().toNanos() : 0, this::finish);
        });
    }

    private void finish() {
        record.abandon();
        if (finished.compareAndSet(false, true)) {
            // First: whoever waited for the close may register the same id again at once.
            survive(onClosed);
            survive(shutdown::disarm);
            survive(this::stopProbe);
            RepeatedTask ending = ticks;
            if (ending != null) {
                survive(ending::close);
            }
            closed.complete(null);
            if (stands) {
                environment.listener().onDeregistered(instance());
            }
        }
    }

    private void survive(Runnable step) {
        try {
            step.run();
        } catch (Throwable failure) {
            environment.listener().onCallbackFailed("end of registration '" + wanted.id() + "'", failure);
        }
    }

    private void stopProbe() {
        if (probe != null) {
            probe.stop();
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

    /** At once when the scheduler refuses, except for what only bounds a wait. */
    private void laterUnlessClosed(long nanos, Runnable task) {
        ScheduledFuture<?> timer = later(nanos, task);
        if (timer != null) {
            closed.whenComplete((nothing, never) -> timer.cancel(false));
        } else if (record.isRemoved()) {
            task.run();
        }
    }

    /** Null when the scheduler refuses. */
    private @Nullable ScheduledFuture<?> later(long nanos, Runnable task) {
        try {
            return environment.scheduler().schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (Throwable refused) {
            record.failed(refused);
            return null;
        }
    }
}
