// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Detail;
import io.fairlead.admin.Model.Live;
import io.fairlead.admin.Model.RegistrationRow;
import io.fairlead.admin.Model.RegistryRow;
import io.fairlead.admin.Model.Status;
import io.fairlead.admin.Model.Summary;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ListSource;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what the balancers know into the {@link Model}. Starts nothing and takes no lock of theirs. Thread-safe. */
final class StatusReader {
    private static final int MOST_EVENTS = 100;

    private final List<Fairlead> fairleads;
    private final EventLog events;
    private final ProcessFacts process;
    private final Clock clock;
    private final RecentCounts rates = new RecentCounts();
    private final Configuration configuration = new Configuration();

    StatusReader(List<Fairlead> fairleads, EventLog events, ProcessFacts process, Clock clock) {
        this.fairleads = fairleads;
        this.events = events;
        this.process = process;
        this.clock = clock;
    }

    EventLog events() {
        return events;
    }

    Clock clock() {
        return clock;
    }

    Status status() {
        SortedMap<String, ServiceStatus> statuses = statuses();
        return new Status(
                Model.VERSION,
                Moments.now(clock),
                process.row(clock),
                registries(statuses),
                registrations(),
                summaries(statuses),
                events.ring().newest(MOST_EVENTS),
                Lint.findings(services(), statuses, registriesUsed()),
                configuration.rows(fairleads));
    }

    Live live(long seen) {
        SortedMap<String, ServiceStatus> statuses = statuses();
        return new Live(
                Model.VERSION,
                Moments.now(clock),
                registries(statuses),
                registrations(),
                summaries(statuses),
                events.ring().after(seen),
                Lint.findings(services(), statuses, registriesUsed()));
    }

    /** Only what rates are made of: cheap, for the time in which nobody looks. */
    void sample() {
        for (String service : services().keySet()) {
            statistics(service);
        }
    }

    /** One service whole, or null when nobody watches it. */
    @Nullable
    Detail detail(String service, int limit) {
        Fairlead fairlead = services().get(service);
        ServiceStatus status = fairlead == null ? null : fairlead.status(service);
        Explanation explanation = fairlead == null ? null : fairlead.explain(service);
        if (fairlead == null || status == null || explanation == null) {
            return null;
        }
        long nanos = fairlead.environment().ticker().nanos();
        InstanceRows rows = new InstanceRows(clock, nanos, events.failures());
        Map<String, Long> started = InstanceRows.started(explanation);
        Map<String, Long> lately = rates.instances(service, started, nanos);
        List<Model.InstanceRow> all = rows.of(explanation, lately);
        return new Detail(
                Model.VERSION,
                Moments.now(clock),
                summary(status, seen(service, fairlead)),
                all.size() > limit ? all.subList(0, limit) : all,
                Math.max(0, all.size() - limit),
                RouteRows.stages(status.stages()),
                RouteRows.of(status, calls -> rates.lanes(service, calls, nanos)),
                events.picks().of(service),
                events.ring().ofService(service));
    }

    /** The balancer that watches a service; of several the first. */
    SortedMap<String, Fairlead> services() {
        SortedMap<String, Fairlead> found = new TreeMap<>();
        for (Fairlead fairlead : fairleads) {
            fairlead.services().forEach(service -> found.putIfAbsent(service, fairlead));
        }
        rates.retain(found.keySet());
        return found;
    }

    private SortedMap<String, ServiceStatus> statuses() {
        SortedMap<String, ServiceStatus> found = new TreeMap<>();
        services().forEach((service, fairlead) -> {
            ServiceStatus status = fairlead.status(service);
            if (status != null) {
                found.put(service, status);
            }
        });
        return found;
    }

    private List<Summary> summaries(SortedMap<String, ServiceStatus> statuses) {
        SortedMap<String, Fairlead> services = services();
        List<Summary> rows = new ArrayList<>();
        statuses.forEach((service, status) -> {
            Fairlead fairlead = services.get(service);
            rows.add(summary(status, fairlead == null ? null : seen(service, fairlead)));
        });
        return rows;
    }

    private record Lately(RecentCounts.Seen seen, long noInstance) {}

    private void statistics(String service) {
        Fairlead fairlead = services().get(service);
        if (fairlead != null) {
            seen(service, fairlead);
        }
    }

    private @Nullable Lately seen(String service, Fairlead fairlead) {
        ServiceStatistics counts = fairlead.statistics(service);
        return counts == null
                ? null
                : new Lately(
                        rates.seen(counts, fairlead.environment().ticker().nanos()),
                        counts.noInstance().values().stream()
                                .mapToLong(Long::longValue)
                                .sum());
    }

    private Summary summary(ServiceStatus status, @Nullable Lately lately) {
        RecentCounts.Seen seen = lately == null ? RecentCounts.Seen.NOTHING : lately.seen();
        int usable = 0;
        int ejected = 0;
        int inFlight = 0;
        for (ServiceStatus.InstanceView view : status.instances()) {
            InstanceHealth.State state = view.health().state();
            usable += state.isServing() ? 1 : 0;
            ejected += isOut(state) ? 1 : 0;
            inFlight += view.inFlight();
        }
        ServiceStatus.ListView list = status.list();
        boolean waiting = list.source() == ListSource.WAITING;
        return new Summary(
                status.service(),
                status.policy(),
                EventLog.word(list.source()),
                Moments.ago(clock, list.sourceFor()),
                list.age().toMillis() / 1e3,
                list.revision(),
                waiting ? null : Moments.ago(clock, list.unchangedFor()),
                list.held(),
                status.instances().size(),
                usable,
                ejected,
                status.panic(),
                seen.callsPerSecond(),
                seen.errorRatio(),
                seen.p50Millis(),
                seen.p99Millis(),
                inFlight,
                seen.retryRatio(),
                status.retryBudget(),
                lately == null ? 0 : lately.noInstance(),
                list.lastError());
    }

    private static boolean isOut(InstanceHealth.State state) {
        return switch (state) {
            case EJECTED, PROBING, CHECK_FAILED -> true;
            default -> false;
        };
    }

    private List<RegistryRow> registries(SortedMap<String, ServiceStatus> statuses) {
        SortedMap<String, Fairlead> services = services();
        List<RegistryRow> rows = new ArrayList<>();
        for (Registry registry : registriesUsed()) {
            List<ServiceStatus> itsOwn = new ArrayList<>();
            statuses.forEach((service, status) -> {
                Fairlead fairlead = services.get(service);
                if (fairlead != null && fairlead.registry() == registry) {
                    itsOwn.add(status);
                }
            });
            rows.add(registry(registry, itsOwn));
        }
        return rows;
    }

    private RegistryRow registry(Registry registry, List<ServiceStatus> services) {
        ServiceStatus.ListView worst = null;
        String state = services.isEmpty() ? "idle" : "live";
        for (ServiceStatus status : services) {
            ServiceStatus.ListView list = status.list();
            if (list.lastError() != null && (worst == null || list.sourceFor().compareTo(worst.sourceFor()) > 0)) {
                worst = list;
                state = "interrupted";
            } else if (worst == null && list.source() == ListSource.WAITING) {
                state = "waiting";
            }
        }
        return new RegistryRow(
                registry.description(),
                state,
                worst == null ? null : Moments.ago(clock, worst.sourceFor()),
                worst == null ? null : worst.lastError(),
                null);
    }

    private List<RegistrationRow> registrations() {
        List<RegistrationRow> rows = new ArrayList<>();
        for (Registration registration : registrationsOpen()) {
            String service = registration.instance().service();
            String id = registration.instance().id();
            rows.add(new RegistrationRow(
                    service,
                    id,
                    registration.instance().authority(),
                    EventLog.word(registration.state()),
                    events.ring().lastOfRegistration(service, id),
                    registration.lastError() == null ? null : EventLog.text(registration.lastError()),
                    List.of(),
                    registration.losses()));
        }
        return rows;
    }

    /** Of every registry of the balancers, once. */
    List<Registration> registrationsOpen() {
        List<Registration> all = new ArrayList<>();
        registriesUsed().forEach(registry -> all.addAll(registry.registrations()));
        return all;
    }

    private Set<Registry> registriesUsed() {
        Set<Registry> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Registry> inOrder = new LinkedHashSet<>();
        for (Fairlead fairlead : fairleads) {
            if (seen.add(fairlead.registry())) {
                inOrder.add(fairlead.registry());
            }
        }
        return inOrder;
    }
}
