// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.balancer.Histogram;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The balancer's own buckets, given to Prometheus as they are. Its classes are optional: only {@link Durations#in} may name it. */
final class PrometheusDurations implements Durations {
    private static final double NANOS_A_SECOND = 1e9;

    private final PrometheusMeterRegistry registry;
    private final Map<String, ServiceReader> readers;
    private final Map<String, Labels> labels = new ConcurrentHashMap<>(); // by service
    private final List<Collector> collectors;

    PrometheusDurations(MeterRegistry registry, Map<String, ServiceReader> readers) {
        this.registry = (PrometheusMeterRegistry) registry;
        this.readers = readers;
        this.collectors = List.of(
                collector(Metric.CALL_DURATION, reading -> reading.statistics().callDurations()),
                collector(
                        Metric.ATTEMPT_DURATION, reading -> reading.statistics().attemptDurations()));
        collectors.forEach(this.registry.getPrometheusRegistry()::register);
    }

    static boolean fits(MeterRegistry registry) {
        return registry instanceof PrometheusMeterRegistry;
    }

    private Collector collector(Metric metric, Function<Reading, Histogram> histogram) {
        return () -> {
            HistogramSnapshot.Builder all =
                    HistogramSnapshot.builder().name(metric.prometheusName()).help(metric.description());
            labels.forEach((service, ofService) -> {
                ServiceReader reader = readers.get(service);
                Reading reading = reader == null ? null : reader.reading();
                if (reading != null) {
                    all.dataPoint(point(ofService, histogram.apply(reading)));
                }
            });
            return all.build();
        };
    }

    private static HistogramSnapshot.HistogramDataPointSnapshot point(Labels labels, Histogram histogram) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < histogram.counts().size(); i++) {
            double bound = i < Histogram.BOUNDS_NANOS.size()
                    ? Histogram.BOUNDS_NANOS.get(i) / NANOS_A_SECOND
                    : Double.POSITIVE_INFINITY;
            buckets.bucket(bound, histogram.counts().get(i));
        }
        return HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(buckets.build())
                .sum(histogram.sumNanos() / NANOS_A_SECOND)
                .build();
    }

    @Override
    public void add(String service, ServiceReader reader, Tags tags, Meter.Id like) {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Tag tag : like.getConventionTags(registry.config().namingConvention())) {
            names.add(tag.getKey());
            values.add(tag.getValue());
        }
        labels.put(service, Labels.of(names, values));
    }

    /** The collectors look at the readers. */
    @Override
    public void remove(String service) {
        labels.remove(service);
    }

    @Override
    public void close() {
        collectors.forEach(registry.getPrometheusRegistry()::unregister);
    }
}
