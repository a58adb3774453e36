// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One series: a metric with its tags, read from a service when somebody scrapes.
 *
 * @param metric what it says
 * @param tags besides the metric's name
 * @param figure of a reading; nothing is kept on a call's way
 */
record Series(Metric metric, Tags tags, ToDoubleFunction<Reading> figure) {
    /** Under which two series are one. */
    record Key(String name, Tags tags) {}

    Key key() {
        return new Key(metric.meterName(), tags);
    }

    /** Adds it to a registry. The registry keeps no other hold of the reader than this meter. */
    Meter addTo(MeterRegistry registry, ServiceReader reader) {
        return metric.isCounter()
                ? FunctionCounter.builder(metric.meterName(), reader, known -> of(known, 0))
                        .tags(tags)
                        .description(metric.description())
                        .register(registry)
                : Gauge.builder(metric.meterName(), reader, known -> of(known, Double.NaN))
                        .strongReference(true)
                        .tags(tags)
                        .baseUnit(metric.unit())
                        .description(metric.description())
                        .register(registry);
    }

    private double of(ServiceReader reader, double none) {
        Reading reading = reader.reading();
        return reading == null ? none : figure.applyAsDouble(reading);
    }

    /** The value of a tag that may be absent. */
    static String tag(@Nullable String value) {
        return value == null ? "none" : value;
    }
}
