// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.api.Registration;
import io.fairlead.balancer.Fairlead;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The meters of one balancer in one registry: they follow the services that there are. For one thread at a time. */
final class BoundMeters {
    private final Fairlead fairlead;
    private final MeterRegistry registry;
    private final boolean perInstance;
    private final Tags more;
    private final Durations durations;
    private final Map<String, ServiceReader> readers = new ConcurrentHashMap<>();
    private final Map<String, Map<Series.Key, Meter>> ofServices = new HashMap<>();
    private final Map<String, List<Meter>> ofRegistrations = new HashMap<>();
    private final List<Meter> ofProcess = new ArrayList<>();

    BoundMeters(Fairlead fairlead, MeterRegistry registry, boolean perInstance, Tags more) {
        this.fairlead = fairlead;
        this.registry = registry;
        this.perInstance = perInstance;
        this.more = more;
        this.durations = Durations.in(registry, readers);
    }

    void addOfProcess(@Nullable IntSupplier queued, @Nullable FailedCallbacks failed) {
        if (queued != null) {
            ofProcess.add(Gauge.builder(Metric.OKHTTP_QUEUED.meterName(), queued, IntSupplier::getAsInt)
                    .strongReference(true)
                    .tags(more)
                    .description(Metric.OKHTTP_QUEUED.description())
                    .register(registry));
        }
        if (failed != null) {
            ofProcess.add(FunctionCounter.builder(Metric.CALLBACKS_FAILED.meterName(), failed, FailedCallbacks::number)
                    .tags(more)
                    .description(Metric.CALLBACKS_FAILED.description())
                    .register(registry));
        }
    }

    /** Takes up the services, subsets, instances and registrations that came, and lets go of those that went. */
    void follow() {
        followServices();
        followRegistrations();
    }

    private void followServices() {
        Set<String> watched = new HashSet<>(fairlead.services());
        for (String service : watched) {
            ServiceReader reader = readers.computeIfAbsent(service, name -> new ServiceReader(fairlead, name));
            Reading reading = reader.reading();
            if (reading != null) {
                follow(service, reader, reading);
            }
        }
        Set<String> gone = new HashSet<>(ofServices.keySet());
        gone.removeAll(watched);
        for (String service : gone) {
            Objects.requireNonNull(ofServices.remove(service)).values().forEach(registry::remove);
            readers.remove(service);
            durations.remove(service);
        }
        readers.keySet().retainAll(watched);
    }

    private void follow(String service, ServiceReader reader, Reading reading) {
        Map<Series.Key, Meter> known = ofServices.get(service);
        boolean isNew = known == null;
        if (known == null) {
            known = new HashMap<>();
            ofServices.put(service, known);
        }
        Set<Series.Key> wanted = new HashSet<>();
        for (Series series : ServiceSeries.of(tags(service), reading, perInstance)) {
            wanted.add(series.key());
            if (!known.containsKey(series.key())) {
                known.put(series.key(), series.addTo(registry, reader));
            }
        }
        known.entrySet().removeIf(entry -> {
            boolean isGone = !wanted.contains(entry.getKey());
            if (isGone) {
                registry.remove(entry.getValue());
            }
            return isGone;
        });
        if (isNew) {
            Series.Key like = new Series.Key(Metric.LIST_CHANGES.meterName(), tags(service));
            durations.add(
                    service,
                    reader,
                    tags(service),
                    Objects.requireNonNull(known.get(like)).getId());
        }
    }

    private void followRegistrations() {
        Set<String> services = new HashSet<>();
        for (Registration registration : fairlead.registry().registrations()) {
            services.add(registration.instance().service());
        }
        for (String service : services) {
            if (!ofRegistrations.containsKey(service)) {
                ofRegistrations.put(service, registrationMeters(service));
            }
        }
        ofRegistrations.entrySet().removeIf(entry -> {
            boolean isGone = !services.contains(entry.getKey());
            if (isGone) {
                entry.getValue().forEach(registry::remove);
            }
            return isGone;
        });
    }

    private List<Meter> registrationMeters(String service) {
        List<Meter> made = new ArrayList<>();
        Tags tags = tags(service);
        for (Registration.State state : Registration.State.values()) {
            made.add(Gauge.builder(
                            Metric.REGISTRATION_STATE.meterName(),
                            fairlead,
                            known -> ofService(service).stream()
                                    .filter(one -> one.state() == state)
                                    .count())
                    .strongReference(true)
                    .tags(tags.and("state", ServiceSeries.word(state)))
                    .description(Metric.REGISTRATION_STATE.description())
                    .register(registry));
        }
        Losses losses = new Losses();
        made.add(FunctionCounter.builder(
                        Metric.REGISTRATION_LOST.meterName(), fairlead, known -> losses.number(ofService(service)))
                .tags(tags)
                .description(Metric.REGISTRATION_LOST.description())
                .register(registry));
        return made;
    }

    private Tags tags(String service) {
        return more.and("fairlead.service", service);
    }

    private List<Registration> ofService(String service) {
        return fairlead.registry().registrations().stream()
                .filter(one -> one.instance().service().equals(service))
                .toList();
    }

    void close() {
        new TreeMap<>(ofServices).keySet().forEach(durations::remove);
        durations.close();
        ofServices.values().forEach(meters -> meters.values().forEach(registry::remove));
        ofRegistrations.values().forEach(meters -> meters.forEach(registry::remove));
        ofProcess.forEach(registry::remove);
        ofServices.clear();
        ofRegistrations.clear();
        ofProcess.clear();
    }
}
