// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;

/** How durations are shown in one registry. For one thread at a time. */
interface Durations extends AutoCloseable {
    /**
     * A service is watched.
     *
     * @param tags of the service
     * @param like a meter that has them, with those the registry gives to all
     */
    void add(String service, ServiceReader reader, Tags tags, Meter.Id like);

    /** A service is watched no more. */
    void remove(String service);

    @Override
    void close();

    /**
     * As the registry can.
     *
     * @param readers by service, of those that are watched; any thread reads it
     */
    static Durations in(MeterRegistry registry, Map<String, ServiceReader> readers) {
        boolean isPrometheus;
        try {
            isPrometheus = PrometheusDurations.fits(registry);
        } catch (LinkageError notThere) {
            isPrometheus = false;
        }
        return isPrometheus ? new PrometheusDurations(registry, readers) : new PlainDurations(registry);
    }
}
