// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import io.fairlead.spi.BackendWatch;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import io.fairlead.spi.SnapshotFeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One service in several registries. Every source has a watch and a last list of its own; whenever one says something the
 * {@link Choice} is asked again. Everything runs on one serial queue.
 */
final class CompositeWatch implements BackendWatch {
    /** How long the first list waits for sources that have not answered. */
    private static final Duration FIRST_LIST = Duration.ofSeconds(1);
    /** How long a silent source's last list is preferred to the next source. */
    private static final Duration PREFERRED_STALE = Duration.ofSeconds(60);

    /** How long until a source is asked again that could not be followed. */
    private static final Duration FOLLOW_AGAIN = Duration.ofSeconds(5);

    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final String service;
    private final List<Registry> registries;
    private final Choice choice;
    private final Environment environment;
    private final SnapshotFeed feed;
    private final SerialTasks work;
    private volatile boolean closed;

    // The rest belongs to the serial queue.
    private final List<Source> sources = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private boolean patient = true;

    /** What one source said last. */
    static final class Source {
        @Nullable
        ServiceSnapshot snapshot;

        @Nullable
        RegistryException interruption;

        long interruptedAtNanos;

        /** After an interruption it lists less than before, and has not confirmed it. */
        boolean suspect;

        /** Why the list to be told next must be heard as the first after an interruption; null when it must not. */
        @Nullable
        RegistryException healed;

        void heard(ServiceSnapshot next) {
            ServiceSnapshot before = snapshot;
            RegistryException cause = interruption;
            suspect = cause != null && before != null && lacks(next, before);
            healed = suspect ? cause : null;
            snapshot = next;
            interruption = null;
        }

        private static boolean lacks(ServiceSnapshot next, ServiceSnapshot before) {
            Set<String> ids = new HashSet<>();
            next.instances().forEach(instance -> ids.add(instance.id()));
            return before.instances().stream().anyMatch(instance -> !ids.contains(instance.id()));
        }

        boolean isConfirmed() {
            return interruption == null && !suspect;
        }

        boolean hasAnswered() {
            return snapshot != null || interruption != null;
        }

        boolean hasUsable() {
            ServiceSnapshot last = snapshot;
            return last != null
                    && last.instances().stream()
                            .anyMatch(instance -> instance.status().isUsable());
        }

        boolean isPreferred(long nowNanos) {
            return interruption == null || nowNanos - interruptedAtNanos < PREFERRED_STALE.toNanos();
        }
    }

    /** Makes one list of several. */
    interface Choice {
        /** The instances to serve, or null when no source has a list. */
        @Nullable
        List<ServiceInstance> instances(List<Source> sources, long nowNanos);

        /** Why what is served may be old, or null when it is not. */
        @Nullable
        RegistryException interruption(List<Source> sources, long nowNanos);

        /** Whether what a source confirmed confirms what is served. */
        boolean isConfirmedBy(Source source, List<Source> sources, long nowNanos);

        /** Something was said; for choices that tell of it. */
        default void changed(CompositeWatch watch) {}
    }

    CompositeWatch(
            String service, List<Registry> registries, Choice choice, Environment environment, SnapshotFeed feed) {
        this.service = service;
        this.registries = registries;
        this.choice = choice;
        this.environment = environment;
        this.feed = feed;
        this.work = new SerialTasks(
                environment, failure -> environment.listener().onCallbackFailed("watch of '" + service + "'", failure));
        registries.forEach(registry -> sources.add(new Source()));
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
    private void follow(Registry registry, Source source) {
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
                        && !sources.stream().allMatch(Source::hasAnswered)
                        && !sources.get(0).hasUsable()) {
            return;
        }
        long nowNanos = environment.ticker().nanos();
        List<ServiceInstance> instances = choice.instances(sources, nowNanos);
        RegistryException interruption = choice.interruption(sources, nowNanos);
        suspectWhatIsMissing(instances);
        if (instances != null && (interruption == null || isNews(instances))) {
            feed.publish(instances);
        }
        if (interruption != null) {
            feed.interrupt(interruption);
        }
        choice.changed(this);
    }

    /** What a source lost while it was away is held, as without the others. */
    private void suspectWhatIsMissing(@Nullable List<ServiceInstance> next) {
        for (Source source : sources) {
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
        private final Source source;

        Ear(Source source) {
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
                    later(PREFERRED_STALE, CompositeWatch.this::decide);
                }
                source.interruption = cause;
                decide();
            });
        }

        @Override
        public void onConfirmed() {
            work.execute(() -> {
                source.suspect = false;
                if (choice.isConfirmedBy(source, sources, environment.ticker().nanos())) {
                    feed.confirm();
                }
            });
        }
    }

    /** The first source in order with a usable instance; one that answers, or did a minute ago, before one that does not. */
    static final class FirstHealthy implements Choice {
        @Override
        public @Nullable List<ServiceInstance> instances(List<Source> sources, long nowNanos) {
            Source chosen = choose(sources, nowNanos);
            ServiceSnapshot snapshot = chosen.snapshot;
            return snapshot == null ? null : snapshot.instances();
        }

        @Override
        public @Nullable RegistryException interruption(List<Source> sources, long nowNanos) {
            return choose(sources, nowNanos).interruption;
        }

        @Override
        public boolean isConfirmedBy(Source source, List<Source> sources, long nowNanos) {
            return choose(sources, nowNanos) == source;
        }

        private static Source choose(List<Source> sources, long nowNanos) {
            for (Source source : sources) {
                if (source.hasUsable() && source.isPreferred(nowNanos)) {
                    return source;
                }
            }
            return sources.stream()
                    .filter(Source::hasUsable)
                    .findFirst()
                    .or(() -> sources.stream()
                            .filter(source -> source.snapshot != null)
                            .findFirst())
                    .orElse(sources.get(0));
        }
    }

    /** Everything every source lists; interrupted only when all are. */
    static final class Merge implements Choice {
        @Override
        public @Nullable List<ServiceInstance> instances(List<Source> sources, long nowNanos) {
            List<ServiceInstance> all = new ArrayList<>();
            Set<String> ids = new HashSet<>();
            boolean any = false;
            for (Source source : sources) {
                ServiceSnapshot snapshot = source.snapshot;
                if (snapshot != null) {
                    any = true;
                    snapshot.instances().stream()
                            .filter(instance -> ids.add(instance.id()))
                            .forEach(all::add);
                }
            }
            return any ? all : null;
        }

        @Override
        public @Nullable RegistryException interruption(List<Source> sources, long nowNanos) {
            boolean allInterrupted = sources.stream().allMatch(source -> source.interruption != null);
            return allInterrupted ? sources.get(0).interruption : null;
        }

        @Override
        public boolean isConfirmedBy(Source source, List<Source> sources, long nowNanos) {
            return sources.stream().allMatch(Source::isConfirmed);
        }
    }

    /** The first source; how the second differs is told when it has stood for a while. */
    static final class Compare implements Choice {
        private final String service;
        private final Consumer<CompositeRegistry.Difference> onDifference;
        private CompositeRegistry.Difference told;
        private CompositeRegistry.@Nullable Difference pending;

        Compare(String service, Consumer<CompositeRegistry.Difference> onDifference) {
            this.service = service;
            this.onDifference = onDifference;
            this.told = new CompositeRegistry.Difference(service, Set.of(), Set.of(), Set.of());
        }

        @Override
        public @Nullable List<ServiceInstance> instances(List<Source> sources, long nowNanos) {
            ServiceSnapshot snapshot = sources.get(0).snapshot;
            return snapshot == null ? null : snapshot.instances();
        }

        @Override
        public @Nullable RegistryException interruption(List<Source> sources, long nowNanos) {
            return sources.get(0).interruption;
        }

        @Override
        public boolean isConfirmedBy(Source source, List<Source> sources, long nowNanos) {
            return source == sources.get(0);
        }

        @Override
        public void changed(CompositeWatch watch) {
            ServiceSnapshot served = watch.sources.get(0).snapshot;
            ServiceSnapshot compared = watch.sources.get(1).snapshot;
            if (served == null || compared == null) {
                return;
            }
            CompositeRegistry.Difference now = CompositeRegistry.Difference.between(service, served, compared);
            if (!now.equals(pending)) {
                pending = now;
                watch.later(SETTLED, () -> settled(now));
            }
        }

        private void settled(CompositeRegistry.Difference then) {
            if (then == pending && !then.equals(told)) {
                told = then;
                onDifference.accept(then);
            }
        }
    }
}
