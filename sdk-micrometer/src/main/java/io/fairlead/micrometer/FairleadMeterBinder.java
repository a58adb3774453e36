// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.balancer.Fairlead;
import io.fairlead.spi.kit.RepeatedTask;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows what a {@link Fairlead} counts and knows as meters, all of whose names begin with {@code fairlead.}; {@code docs/metrics.md}
 * has them. The balancer counts by itself; meters are read when somebody scrapes, so nothing happens on a call's way. A service is
 * looked at once a second at most, however many series it has. The series of a service come within a second of its first watch, with
 * what has been counted since, and go with it.
 *
 * <p>In a Prometheus registry durations are histograms; in any other, also in a composite of several, they are counts, sums and two
 * quantiles. Safe for any thread. Say what is wanted before it is bound; close it before the Fairlead: its meters leave the registries.
 */
public final class FairleadMeterBinder implements MeterBinder, AutoCloseable {
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Fairlead fairlead;
    private final List<BoundMeters> bound = new CopyOnWriteArrayList<>();
    private final RepeatedTask rounds;
    private volatile boolean perInstance;
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
                    bound.forEach(BoundMeters::follow);
                    return ROUND_NANOS;
                },
                failure -> fairlead.environment().listener().onCallbackFailed("meters", failure));
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

    @Override
    public void bindTo(MeterRegistry registry) {
        BoundMeters meters = new BoundMeters(fairlead, registry, perInstance);
        meters.addOfProcess(queued, failed);
        bound.add(meters);
        meters.follow();
    }

    /** Its meters leave the registries, and nothing goes on. Idempotent. */
    @Override
    public void close() {
        rounds.close();
        bound.forEach(BoundMeters::close);
        bound.clear();
    }
}
