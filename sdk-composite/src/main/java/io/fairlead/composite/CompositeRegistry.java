// SPDX-License-Identifier: Apache-2.0
package io.fairlead.composite;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.OpenWatches;
import io.fairlead.spi.kit.ServiceNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Several registries as one. Each is followed by itself, with its own last list: one that is down, slow or wrong neither
 * delays nor empties the others. Safe for any thread. It owns its sources: closing it closes them.
 */
public final class CompositeRegistry implements Registry {
    private final Mode mode;
    private final List<Registry> sources;
    private final Environment environment;
    private final OpenWatches<CompositeWatch> watches;

    /**
     * How a compared registry differs from the one that is served, in instances that are usable.
     *
     * @param service the service
     * @param missing ids only the served registry has
     * @param extra ids only the compared registry has
     * @param changed ids both have, at another address, weight, zone, version, with other tags or metadata
     */
    public record Difference(String service, Set<String> missing, Set<String> extra, Set<String> changed) {
        /** Copies the sets. */
        public Difference {
            missing = Set.copyOf(missing);
            extra = Set.copyOf(extra);
            changed = Set.copyOf(changed);
        }

        /** Whether both say the same. */
        public boolean isEmpty() {
            return missing.isEmpty() && extra.isEmpty() && changed.isEmpty();
        }

        static Difference between(String service, ServiceSnapshot served, ServiceSnapshot compared) {
            Map<String, ServiceInstance> ours = usable(served);
            Map<String, ServiceInstance> theirs = usable(compared);
            Set<String> missing = new HashSet<>(ours.keySet());
            missing.removeAll(theirs.keySet());
            Set<String> extra = new HashSet<>(theirs.keySet());
            extra.removeAll(ours.keySet());
            Set<String> changed = new HashSet<>(ours.keySet());
            changed.removeIf(id -> {
                ServiceInstance other = theirs.get(id);
                return other == null || other.withStatus(InstanceStatus.PASSING).equals(ours.get(id));
            });
            return new Difference(service, missing, extra, changed);
        }

        private static Map<String, ServiceInstance> usable(ServiceSnapshot snapshot) {
            Map<String, ServiceInstance> usable = new HashMap<>();
            for (ServiceInstance instance : snapshot.instances()) {
                if (instance.status().isUsable()) {
                    usable.put(instance.id(), instance.withStatus(InstanceStatus.PASSING));
                }
            }
            return usable;
        }
    }

    /**
     * What makes one kind of composite.
     *
     * @param words for the description
     * @param everywhere whether it registers with all sources or with the first
     * @param offer what a watch of a service serves
     */
    private record Mode(String words, boolean everywhere, Function<String, CompositeOffer> offer) {}

    private CompositeRegistry(Mode mode, List<Registry> sources, Environment environment) {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("sources: none (expected: at least one registry)");
        }
        this.mode = mode;
        this.sources = List.copyOf(sources);
        this.environment = environment;
        this.watches = new OpenWatches<>(
                description(),
                environment,
                (service, feed) ->
                        new CompositeWatch(service, this.sources, mode.offer.apply(service), environment, feed));
    }

    /**
     * Serves, for each service, the first source in order that has a usable instance of it: datacentres with failover, or
     * a file behind a registry. A source that stops answering is served from its last list for another minute before
     * the next one takes over. Registers with the first source.
     */
    public static CompositeRegistry firstHealthy(List<Registry> sources, Environment environment) {
        Mode mode = new Mode("first healthy of", false, service -> new CompositeOffer.FirstHealthy());
        return new CompositeRegistry(mode, sources, environment);
    }

    /**
     * Serves the instances of all sources together; of two with one id, the one of the earlier source. Registers with
     * all of them, and goes on trying those that do not answer.
     */
    public static CompositeRegistry merge(List<Registry> sources, Environment environment) {
        Mode mode = new Mode("merge of", true, service -> new CompositeOffer.Merge());
        return new CompositeRegistry(mode, sources, environment);
    }

    /**
     * Serves one source and reports how another differs, for moving from one registry to another without a flag day.
     * Registers with both.
     *
     * @param onDifference hears of each watched service, when what differs has stood for two seconds and is not what was
     *     reported last; a difference that went away is reported as an empty one. Must not block
     */
    public static CompositeRegistry compare(
            Registry served, Registry compared, Environment environment, Consumer<Difference> onDifference) {
        Mode mode = new Mode("comparison of", true, service -> new CompositeOffer.Compare(service, onDifference));
        return new CompositeRegistry(mode, List.of(served, compared), environment);
    }

    @Override
    public String description() {
        return mode.words + " "
                + String.join(", ", sources.stream().map(Registry::description).toList());
    }

    @Override
    public String identity() {
        return mode.words + " "
                + String.join(", ", sources.stream().map(Registry::identity).toList());
    }

    @Override
    public boolean isInProcess() {
        return sources.stream().allMatch(Registry::isInProcess);
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return watches.subscribe(service, listener);
    }

    @Override
    public ServiceSnapshot list(String service) {
        watches.requireOpen();
        List<CompositeSource> asked = new ArrayList<>();
        RegistryException failure = null;
        for (Registry source : sources) {
            CompositeSource state = new CompositeSource();
            try {
                state.snapshot = source.list(service);
            } catch (Throwable refused) {
                RegistryException failed = told(refused);
                state.interruption = failed;
                failure = failure == null ? failed : failure;
            }
            asked.add(state);
        }
        List<ServiceInstance> chosen =
                mode.offer.apply(service).instances(asked, environment.ticker().nanos());
        if (chosen == null) {
            throw failure == null ? noAnswer() : failure;
        }
        return new ServiceSnapshot(service, 0, chosen);
    }

    @Override
    public Set<String> services() {
        watches.requireOpen();
        Set<String> names = new TreeSet<>();
        RegistryException failure = null;
        int answered = 0;
        for (Registry source : sources) {
            try {
                for (String name : source.services()) {
                    ServiceNames.of(name).ifPresent(names::add);
                }
                answered++;
            } catch (Throwable refused) {
                failure = told(refused);
            }
        }
        if (answered == 0) {
            throw failure == null ? noAnswer() : failure;
        }
        return names;
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        watches.requireOpen();
        return mode.everywhere
                ? CompositeRegistration.start(sources, instance, check, environment)
                : sources.get(0).register(instance, check);
    }

    /** Those of all sources: one instance that is registered in two of them is there twice. */
    @Override
    public List<Registration> registrations() {
        return sources.stream()
                .flatMap(source -> source.registrations().stream())
                .toList();
    }

    @Override
    public void close() {
        watches.close();
        CompositeRegistration.closeAll(sources, environment);
    }

    private static RegistryException told(Throwable failure) {
        return failure instanceof RegistryException known
                ? known
                : new RegistryException(RegistryException.Reason.UNAVAILABLE, String.valueOf(failure), failure);
    }

    private RegistryException noAnswer() {
        return new RegistryException(RegistryException.Reason.UNAVAILABLE, description() + ": no source answered");
    }
}
