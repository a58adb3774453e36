// SPDX-License-Identifier: Apache-2.0
package io.fairlead.composite;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes one list of several. Called on the serial queue of one {@link CompositeWatch}, to which it belongs. */
interface CompositeOffer {
    /** The instances to serve, or null when no source has a list. */
    @Nullable
    List<ServiceInstance> instances(List<CompositeSource> sources, long nowNanos);

    /** Why what is served may be old, or null when it is not. */
    @Nullable
    RegistryException interruption(List<CompositeSource> sources, long nowNanos);

    /** Whether what a source confirmed confirms what is served. */
    boolean isConfirmedBy(CompositeSource source, List<CompositeSource> sources, long nowNanos);

    /**
     * Something was said; for offers that tell of it.
     *
     * @param later runs a task on the watch's queue after a while
     */
    default void changed(List<CompositeSource> sources, BiConsumer<Duration, Runnable> later) {}

    /** The first source in order with a usable instance; one that answers, or did a minute ago, before one that does not. */
    final class FirstHealthy implements CompositeOffer {
        @Override
        public @Nullable List<ServiceInstance> instances(List<CompositeSource> sources, long nowNanos) {
            CompositeSource chosen = choose(sources, nowNanos);
            ServiceSnapshot snapshot = chosen.snapshot;
            return snapshot == null ? null : snapshot.instances();
        }

        @Override
        public @Nullable RegistryException interruption(List<CompositeSource> sources, long nowNanos) {
            return choose(sources, nowNanos).interruption;
        }

        @Override
        public boolean isConfirmedBy(CompositeSource source, List<CompositeSource> sources, long nowNanos) {
            return choose(sources, nowNanos) == source;
        }

        private static CompositeSource choose(List<CompositeSource> sources, long nowNanos) {
            for (CompositeSource source : sources) {
                if (source.hasUsable() && source.isPreferred(nowNanos)) {
                    return source;
                }
            }
            return sources.stream()
                    .filter(CompositeSource::hasUsable)
                    .findFirst()
                    .or(() -> sources.stream()
                            .filter(source -> source.snapshot != null)
                            .findFirst())
                    .orElse(sources.get(0));
        }
    }

    /** Everything every source lists; interrupted only when all are. */
    final class Merge implements CompositeOffer {
        @Override
        public @Nullable List<ServiceInstance> instances(List<CompositeSource> sources, long nowNanos) {
            List<ServiceInstance> all = new ArrayList<>();
            Set<String> ids = new HashSet<>();
            boolean any = false;
            for (CompositeSource source : sources) {
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
        public @Nullable RegistryException interruption(List<CompositeSource> sources, long nowNanos) {
            boolean allInterrupted = sources.stream().allMatch(source -> source.interruption != null);
            return allInterrupted ? sources.get(0).interruption : null;
        }

        @Override
        public boolean isConfirmedBy(CompositeSource source, List<CompositeSource> sources, long nowNanos) {
            return sources.stream().allMatch(CompositeSource::isConfirmed);
        }
    }

    /** The first source; how the second differs is told when it has stood for a while. */
    final class Compare implements CompositeOffer {
        /** How long a difference must stand before it is told. */
        private static final Duration SETTLED = Duration.ofSeconds(2);

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
        public @Nullable List<ServiceInstance> instances(List<CompositeSource> sources, long nowNanos) {
            ServiceSnapshot snapshot = sources.get(0).snapshot;
            return snapshot == null ? null : snapshot.instances();
        }

        @Override
        public @Nullable RegistryException interruption(List<CompositeSource> sources, long nowNanos) {
            return sources.get(0).interruption;
        }

        @Override
        public boolean isConfirmedBy(CompositeSource source, List<CompositeSource> sources, long nowNanos) {
            return source == sources.get(0);
        }

        @Override
        public void changed(List<CompositeSource> sources, BiConsumer<Duration, Runnable> later) {
            ServiceSnapshot served = sources.get(0).snapshot;
            ServiceSnapshot compared = sources.get(1).snapshot;
            if (served == null || compared == null) {
                return;
            }
            CompositeRegistry.Difference now = CompositeRegistry.Difference.between(service, served, compared);
            if (!now.equals(pending)) {
                pending = now;
                later.accept(SETTLED, () -> settled(now));
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
