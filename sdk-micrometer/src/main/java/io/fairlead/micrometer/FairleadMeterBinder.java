// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.balancer.Fairlead;
import io.fairlead.spi.kit.RepeatedTask;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows what a {@link Fairlead} counts and knows as meters, all of whose names begin with {@code fairlead.}; {@code docs/metrics.md}
 * has them. The balancer counts by itself; meters are read when somebody scrapes, so nothing happens on a call's way. A service is
 * looked at once a second at most, however many series it has. The series of a service come within a second of its first watch, with
 * what has been counted since, and go with it.
 *
 * <p>In a Prometheus registry durations are histograms; in any other they are counts, sums, and two quantiles of the last one to two
 * minutes. A composite is taken as the registries in it. Safe for any thread. Say what is wanted before it is bound; close it before the Fairlead: its meters leave the registries.
 */
public final class FairleadMeterBinder implements MeterBinder, AutoCloseable {
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Fairlead fairlead;
    private final RepeatedTask rounds;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<MeterRegistry> given = new LinkedHashSet<>(); // guarded by lock
    private final Map<MeterRegistry, BoundMeters> bound =
            new LinkedHashMap<>(); // guarded by lock; no composite among them
    private boolean closed; // guarded by lock
    private volatile boolean perInstance;
    private volatile Tags more = Tags.empty();
    private volatile @Nullable IntSupplier queued;
    private volatile @Nullable FailedCallbacks failed;

    /** Of this balancer. */
    public FairleadMeterBinder(Fairlead fairlead) {
        this.fairlead = Objects.requireNonNull(fairlead, "fairlead");
        this.rounds = RepeatedTask.start(
                fairlead.environment().scheduler(),
                fairlead.environment().executor(),
                ROUND_NANOS,
                () -> {
                    follow();
                    return ROUND_NANOS;
                },
                this::tell);
    }

    /**
     * Adds five series for each instance, which go with it; off by default, as 10,000 instances make 50,000 series.
     *
     * @return this
     */
    public FairleadMeterBinder perInstance() {
        perInstance = true;
        return this;
    }

    /**
     * Adds these tags to all its meters: where two balancers show theirs in one registry, each needs one that tells it apart.
     *
     * @return this
     */
    public FairleadMeterBinder tags(Iterable<Tag> tags) {
        more = Tags.of(tags);
        return this;
    }

    /**
     * Adds {@code fairlead.okhttp.queued}.
     *
     * @param calls how many wait, as {@code client.dispatcher()::queuedCallsCount}
     * @return this
     */
    public FairleadMeterBinder queued(IntSupplier calls) {
        queued = Objects.requireNonNull(calls, "queued");
        return this;
    }

    /**
     * Adds {@code fairlead.callbacks.failed}.
     *
     * @return this
     */
    public FairleadMeterBinder failedCallbacks(FailedCallbacks callbacks) {
        failed = Objects.requireNonNull(callbacks, "failedCallbacks");
        return this;
    }

    /** Adds the meters to a registry, or to all in a composite, those that join it later within a second; once for each. */
    @Override
    public void bindTo(MeterRegistry registry) {
        lock.lock();
        try {
            given.add(Objects.requireNonNull(registry, "registry"));
        } finally {
            lock.unlock();
        }
        follow();
    }

    private void follow() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Set<MeterRegistry> simple = new LinkedHashSet<>();
            given.forEach(registry -> addSimple(registry, simple));
            for (MeterRegistry registry : simple) {
                followIn(registry);
            }
            bound.entrySet().removeIf(entry -> {
                boolean isGone = !simple.contains(entry.getKey());
                if (isGone) {
                    entry.getValue().close();
                }
                return isGone;
            });
        } finally {
            lock.unlock();
        }
    }

    /** What one registry refuses keeps no other from its meters. */
    private void followIn(MeterRegistry registry) {
        try {
            BoundMeters meters = bound.get(registry);
            if (meters == null) {
                meters = new BoundMeters(fairlead, registry, perInstance, more);
                bound.put(registry, meters);
                meters.addOfProcess(queued, failed);
            }
            meters.follow();
        } catch (RuntimeException refused) {
            tell(refused);
        }
    }

    private void tell(Throwable failure) {
        fairlead.environment().listener().onCallbackFailed("meters", failure);
    }

    /** A composite would show a Prometheus registry in it as if it took no histograms. */
    private static void addSimple(MeterRegistry registry, Set<MeterRegistry> to) {
        if (registry instanceof CompositeMeterRegistry composite) {
            composite.getRegistries().forEach(inner -> addSimple(inner, to));
        } else {
            to.add(registry);
        }
    }

    /** Its meters leave the registries, and nothing goes on. Idempotent. */
    @Override
    public void close() {
        rounds.close();
        lock.lock();
        try {
            closed = true;
            bound.values().forEach(BoundMeters::close);
            bound.clear();
            given.clear();
        } finally {
            lock.unlock();
        }
    }
}
