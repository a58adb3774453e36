// SPDX-License-Identifier: Apache-2.0
package io.fairlead.composite;

import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.BackendWatch;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import io.fairlead.spi.SnapshotFeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One service in several registries. Every source has a watch and a last list of its own; whenever one says something the
 * {@link CompositeOffer} is asked again. Everything runs on one serial queue.
 */
final class CompositeWatch implements BackendWatch {
    /** How long the first list waits for sources that have not answered. */
    private static final Duration FIRST_LIST = Duration.ofSeconds(1);
    /** How long until a source is asked again that could not be followed. */
    private static final Duration FOLLOW_AGAIN = Duration.ofSeconds(5);

    private final String service;
    private final List<Registry> registries;
    private final CompositeOffer offer;
    private final Environment environment;
    private final SnapshotFeed feed;
    private final SerialTasks work;
    private volatile boolean closed;

    // The rest belongs to the serial queue.
    private final List<CompositeSource> sources = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private boolean patient = true;

    CompositeWatch(
            String service,
            List<Registry> registries,
            CompositeOffer offer,
            Environment environment,
            SnapshotFeed feed) {
        this.service = service;
        this.registries = registries;
        this.offer = offer;
        this.environment = environment;
        this.feed = feed;
        this.work = new SerialTasks(
                environment, failure -> environment.listener().onCallbackFailed("watch of '" + service + "'", failure));
        registries.forEach(registry -> sources.add(new CompositeSource()));
    }

    @Override
    public void start() {
        work.execute(() -> {
            for (int i = 0; i < registries.size(); i++) {
                follow(registries.get(i), sources.get(i));
            }
        });
        later(FIRST_LIST, () -> {
            patient = false;
            decide();
        });
    }

    /** One that can not be followed delays nobody; it is tried again. */
    private void follow(Registry registry, CompositeSource source) {
        if (closed) {
            return;
        }
        Ear ear = new Ear(source);
        try {
            subscriptions.add(registry.watch(service, ear));
        } catch (Throwable refused) {
            environment.listener().onCallbackFailed("watch of '" + service + "' at a source", refused);
            ear.onInterrupted(new RegistryException(
                    RegistryException.Reason.UNAVAILABLE, String.valueOf(refused.getMessage()), refused));
            later(FOLLOW_AGAIN, () -> follow(registry, source));
        }
    }

    @Override
    public void close() {
        closed = true;
        work.execute(() -> {
            for (Subscription subscription : subscriptions) {
                try {
                    subscription.close();
                } catch (Throwable failure) {
                    environment.listener().onCallbackFailed("close of '" + service + "' at a source", failure);
                }
            }
        });
    }

    private void decide() {
        if (closed
                || patient
                        && !sources.stream().allMatch(CompositeSource::hasAnswered)
                        && !sources.get(0).hasUsable()) {
            return;
        }
        long nowNanos = environment.ticker().nanos();
        List<ServiceInstance> instances = offer.instances(sources, nowNanos);
        RegistryException interruption = offer.interruption(sources, nowNanos);
        interruptAfterHealing(instances);
        if (instances != null && (interruption == null || isNews(instances))) {
            feed.publish(instances);
        }
        if (interruption != null) {
            feed.interrupt(interruption);
        }
        offer.changed(sources, this::later);
    }

    /** Tells of an interruption before the list that a healed source changes, so that what it lacks is held. */
    private void interruptAfterHealing(@Nullable List<ServiceInstance> next) {
        for (CompositeSource source : sources) {
            RegistryException cause = source.healed;
            source.healed = null;
            if (cause != null && next != null && feed.interruption() == null && isNews(next)) {
                feed.interrupt(cause);
            }
        }
    }

    /** Repeating an old list would say that the watch works again. */
    private boolean isNews(List<ServiceInstance> instances) {
        ServiceSnapshot last = feed.last();
        return last == null || !last.instances().equals(new ServiceSnapshot(service, 0, instances).instances());
    }

    private void later(Duration delay, Runnable task) {
        try {
            var unused =
                    environment.scheduler().schedule(() -> work.execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (Throwable refused) {
            // Too early does less harm than never.
            environment.listener().onCallbackFailed("timer of '" + service + "'", refused);
            work.execute(task);
        }
    }

    /** Hears one source. */
    private final class Ear implements SnapshotListener {
        private final CompositeSource source;

        Ear(CompositeSource source) {
            this.source = source;
        }

        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            work.execute(() -> {
                source.heard(snapshot);
                decide();
            });
        }

        @Override
        public void onInterrupted(RegistryException cause) {
            work.execute(() -> {
                if (source.interruption == null) {
                    source.interruptedAtNanos = environment.ticker().nanos();
                    later(CompositeSource.PREFERRED_STALE, CompositeWatch.this::decide);
                }
                source.interruption = cause;
                decide();
            });
        }

        @Override
        public void onConfirmed() {
            work.execute(() -> {
                source.suspect = false;
                if (offer.isConfirmedBy(source, sources, environment.ticker().nanos())) {
                    feed.confirm();
                }
            });
        }
    }
}
