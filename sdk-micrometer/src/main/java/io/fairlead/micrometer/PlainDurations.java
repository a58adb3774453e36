// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.balancer.Histogram;
import io.fairlead.balancer.ServiceStatistics;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Count, sum, and two quantiles of the last one to two minutes, for registries that can not take a histogram as it is. */
final class PlainDurations implements Durations {
    private static final Histogram NOTHING =
            new Histogram(Collections.nCopies(Histogram.BOUNDS_NANOS.size() + 1, 0L), 0);

    private final MeterRegistry registry;
    private final Map<String, List<Meter>> meters = new HashMap<>();

    PlainDurations(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void add(String service, ServiceReader reader, Tags tags, Meter.Id like) {
        List<Meter> made = new ArrayList<>();
        add(made, Metric.CALL_DURATION, tags, reader, ServiceStatistics::callDurations);
        add(made, Metric.ATTEMPT_DURATION, tags, reader, ServiceStatistics::attemptDurations);
        meters.put(service, made);
    }

    private void add(
            List<Meter> made,
            Metric metric,
            Tags tags,
            ServiceReader reader,
            Function<ServiceStatistics, Histogram> histogram) {
        made.add(FunctionTimer.builder(
                        metric.meterName(),
                        reader,
                        known -> of(known, histogram).count(),
                        known -> of(known, histogram).sumNanos(),
                        TimeUnit.NANOSECONDS)
                .tags(tags)
                .description(metric.description())
                .register(registry));
        for (int percentile : new int[] {50, 99}) {
            made.add(Gauge.builder(metric.meterName() + ".p" + percentile, reader, known -> {
                        return lately(known, histogram).quantileNanos(percentile / 100.0) / 1e9;
                    })
                    .strongReference(true)
                    .tags(tags)
                    .baseUnit(metric.unit())
                    .description(metric.description())
                    .register(registry));
        }
    }

    /** Of the latest reading; without one nothing. */
    private static Histogram of(ServiceReader reader, Function<ServiceStatistics, Histogram> histogram) {
        Reading reading = reader.reading();
        return reading == null ? NOTHING : histogram.apply(reading.statistics());
    }

    /** What was added in the last one to two minutes. */
    private static Histogram lately(ServiceReader reader, Function<ServiceStatistics, Histogram> histogram) {
        Reading reading = reader.reading();
        return reading == null
                ? NOTHING
                : histogram.apply(reading.statistics()).since(histogram.apply(reading.earlier()));
    }

    @Override
    public void remove(String service) {
        List<Meter> gone = meters.remove(service);
        if (gone != null) {
            gone.forEach(registry::remove);
        }
    }

    @Override
    public void close() {
        List.copyOf(meters.keySet()).forEach(this::remove);
    }
}
