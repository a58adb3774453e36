// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallEvent;
import io.fairlead.api.CallRejectedException;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.ListSource;
import io.fairlead.balancer.ServiceStatistics.Ejection;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** All series that one service has now. Words of tags are those of the API's enums in lower case. */
final class ServiceSeries {
    private static final double NANOS_A_SECOND = 1e9;

    private final Tags service;
    private final List<Series> all = new ArrayList<>();

    private ServiceSeries(Tags service) {
        this.service = service;
    }

    /**
     * Those of a service, and of each of its instances when that is asked for.
     *
     * @param service the tags of all
     */
    static List<Series> of(Tags service, Reading reading, boolean perInstance) {
        ServiceSeries made = new ServiceSeries(service);
        made.calls();
        made.attempts();
        made.instances();
        made.list();
        made.subsets(reading);
        if (perInstance) {
            reading.instances().values().forEach(made::instance);
        }
        return made.all;
    }

    private void calls() {
        for (CallEvent.Result result : CallEvent.Result.values()) {
            add(Metric.CALLS, "result", result, known -> known.statistics().calls(result));
        }
        for (CallRejectedException.Stage stage : CallRejectedException.Stage.values()) {
            add(
                    Metric.REJECTIONS,
                    "stage",
                    stage,
                    known -> count(known.statistics().rejections().get(stage)));
        }
        for (NoInstanceException.Reason reason : NoInstanceException.Reason.values()) {
            add(
                    Metric.NO_INSTANCE,
                    "reason",
                    reason,
                    known -> count(known.statistics().noInstance().get(reason)));
        }
    }

    private void attempts() {
        for (AttemptEvent.Kind kind : AttemptEvent.Kind.values()) {
            for (Outcome outcome : Outcome.values()) {
                Tags tags = service.and("kind", word(kind), "outcome", word(outcome));
                all.add(new Series(
                        Metric.ATTEMPTS, tags, known -> known.statistics().attempts(kind, outcome)));
            }
        }
        add(Metric.RETRY_BUDGET, known -> known.status().retryBudget());
        add(Metric.RETRY_EXHAUSTED, known -> known.statistics().retriesDenied());
        add(Metric.IN_FLIGHT, Reading::inFlight);
    }

    private void instances() {
        for (InstanceHealth.State state : InstanceHealth.State.values()) {
            add(Metric.INSTANCES, "state", state, known -> known.states().getOrDefault(state, 0));
        }
        for (Ejection by : Ejection.values()) {
            add(
                    Metric.EJECTIONS,
                    "reason",
                    by,
                    known -> count(known.statistics().ejections().get(by)));
        }
        add(Metric.PANIC, known -> known.status().panic() ? 1 : 0);
    }

    private void list() {
        for (ListSource source : ListSource.values()) {
            add(
                    Metric.LIST_STATE,
                    "state",
                    source,
                    known -> known.status().list().source() == source ? 1 : 0);
        }
        add(Metric.LIST_AGE, known -> known.status().list().age().toNanos() / NANOS_A_SECOND);
        add(Metric.LIST_CHANGES, known -> known.statistics().listChanges());
        add(Metric.LIST_INTERRUPTIONS, known -> known.statistics().interruptions());
        add(Metric.LIST_REJECTED, known -> known.statistics().rejectedEntries());
    }

    private void subsets(Reading reading) {
        for (String subset : reading.subsetCalls().keySet()) {
            Tags tags = service.and("subset", subset);
            all.add(new Series(
                    Metric.SUBSET_CALLS,
                    tags,
                    known -> count(known.subsetCalls().get(subset))));
            all.add(new Series(
                    Metric.SUBSET_WEIGHT_RATIO, tags, known -> known.expected().getOrDefault(subset, 0.0)));
        }
    }

    private void instance(InstanceView view) {
        String id = view.instance().id();
        Tags tags = service.and(
                "fairlead.instance", id, "zone", Series.tag(view.instance().zone()));
        instance(Metric.INSTANCE_ATTEMPTS, tags, id, InstanceView::started);
        instance(Metric.INSTANCE_IN_FLIGHT, tags, id, InstanceView::inFlight);
        instance(Metric.INSTANCE_LATENCY, tags, id, known -> known.latencyNanos() / NANOS_A_SECOND);
        instance(Metric.INSTANCE_WEIGHT, tags, id, InstanceView::effectiveWeight);
        instance(
                Metric.INSTANCE_SERVING,
                tags,
                id,
                known -> known.health().state().isServing() ? 1 : 0);
    }

    private void instance(Metric metric, Tags tags, String id, ToDoubleFunction<InstanceView> figure) {
        all.add(new Series(metric, tags, known -> Reading.of(known.instances().get(id), figure)));
    }

    private void add(Metric metric, ToDoubleFunction<Reading> figure) {
        all.add(new Series(metric, service, figure));
    }

    private void add(Metric metric, String tag, Enum<?> value, ToDoubleFunction<Reading> figure) {
        all.add(new Series(metric, service.and(tag, word(value)), figure));
    }

    private static double count(@Nullable Long counted) {
        return counted == null ? 0 : counted;
    }

    /** As in {@code no_instance}. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
