// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.circuitbreaker.CircuitBreakerConfig;
import io.fairlead.circuitbreaker.CircuitBreakerConfig.HalfOpen;
import io.fairlead.circuitbreaker.CircuitBreakerConfig.Open;
import io.fairlead.circuitbreaker.CircuitBreakerConfig.Trip;
import io.fairlead.circuitbreaker.CircuitBreakerConfig.Window;
import io.fairlead.circuitbreaker.CircuitBreakerGuards;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads the thresholds of the breakers of instances, over {@link CircuitBreakerConfig#perInstance()}. The only class that needs
 * the breakers' artifact. Stateless.
 */
final class BreakerReader {
    private BreakerReader() {}

    static @Nullable UnaryOperator<ServiceOptions> read(PartReader part) {
        FieldsReader fields = part.fields(
                Set.of(
                        "window",
                        "minimumCalls",
                        "failureRate",
                        "slow",
                        "consecutiveFailures",
                        "consecutiveRefused",
                        "open",
                        "halfOpen"),
                "an object as in '{failureRate: 50}'");
        if (fields == null) {
            return null;
        }
        CircuitBreakerConfig config = CircuitBreakerConfig.perInstance();
        PartReader window = fields.get("window");
        config = window == null ? config : config.withWindow(window(window, config.window()));
        config = config.withTrip(trip(fields, config.trip()));
        PartReader open = fields.get("open");
        config = open == null ? config : config.withOpen(open(open, config.open()));
        PartReader halfOpen = fields.get("halfOpen");
        config = halfOpen == null ? config : config.withHalfOpen(halfOpen(halfOpen, config.halfOpen()));
        CircuitBreakerConfig read = config;
        CircuitBreakerGuards guards = part.made(() -> new CircuitBreakerGuards(read));
        return guards == null ? null : options -> options.withGuard(guards);
    }

    /** Of time, in buckets, or of so many calls. */
    private static Window window(PartReader part, Window before) {
        FieldsReader fields = part.fields(
                Set.of("buckets", "bucket", "calls"), "an object as in '{buckets: 10, bucket: 1s}' or '{calls: 100}'");
        if (fields == null) {
            return before;
        }
        if (fields.has("calls")) {
            if (fields.has("buckets") || fields.has("bucket")) {
                part.refuse("calls and buckets (expected: one of them)");
            }
            return fields.with(before, "calls", ValueKind.INTEGERS, (w, calls) -> Window.count(calls));
        }
        Window window = part.made(() -> Window.time(
                fields.value("buckets", ValueKind.INTEGERS, before.size()),
                fields.value("bucket", ValueKind.DURATIONS, before.bucket())));
        return window == null ? before : window;
    }

    private static Trip trip(FieldsReader fields, Trip before) {
        Trip trip = fields.with(
                before,
                "minimumCalls",
                ValueKind.INTEGERS,
                (t, n) -> new Trip(
                        n,
                        t.failureRate(),
                        t.slowRate(),
                        t.slowAfter(),
                        t.consecutiveFailures(),
                        t.consecutiveRefused(),
                        t.countInFlight()));
        trip = fields.with(
                trip,
                "failureRate",
                ValueKind.INTEGERS,
                (t, n) -> new Trip(
                        t.minimumCalls(),
                        n,
                        t.slowRate(),
                        t.slowAfter(),
                        t.consecutiveFailures(),
                        t.consecutiveRefused(),
                        t.countInFlight()));
        trip = fields.with(
                trip, "consecutiveFailures", ValueKind.INTEGERS, (t, n) -> t.consecutive(n, t.consecutiveRefused()));
        trip = fields.with(
                trip, "consecutiveRefused", ValueKind.INTEGERS, (t, n) -> t.consecutive(t.consecutiveFailures(), n));
        PartReader slow = fields.get("slow");
        return slow == null ? trip : slow(slow, trip);
    }

    private static Trip slow(PartReader part, Trip before) {
        String expected = "an object as in '{after: 2s, rate: 80}'";
        FieldsReader fields = part.fields(Set.of("after", "rate", "countInFlight"), expected);
        if (fields == null || !fields.require("after", expected) | !fields.require("rate", expected)) {
            return before;
        }
        Duration after = fields.value("after", ValueKind.DURATIONS);
        Integer rate = fields.value("rate", ValueKind.INTEGERS);
        boolean countInFlight = fields.value("countInFlight", ValueKind.BOOLEANS, false);
        if (after == null || rate == null) {
            return before;
        }
        Trip trip =
                part.made(() -> countInFlight ? before.slow(after, rate).countingInFlight() : before.slow(after, rate));
        return trip == null ? before : trip;
    }

    private static Open open(PartReader part, Open before) {
        FieldsReader fields =
                part.fields(Set.of("base", "cap", "multiplier", "jitter"), "an object as in '{base: 5s, cap: 60s}'");
        Open open = fields == null
                ? null
                : part.made(() -> new Open(
                        fields.value("base", ValueKind.DURATIONS, before.base()),
                        fields.value("cap", ValueKind.DURATIONS, before.cap()),
                        fields.value("multiplier", ValueKind.DOUBLES, before.multiplier()),
                        fields.value("jitter", ValueKind.INTEGERS, before.jitter())));
        return open == null ? before : open;
    }

    private static HalfOpen halfOpen(PartReader part, HalfOpen before) {
        FieldsReader fields = part.fields(
                Set.of("calls", "concurrent", "early", "probeTimeout"), "an object as in '{calls: 2, concurrent: 1}'");
        HalfOpen halfOpen = fields == null
                ? null
                : part.made(() -> HalfOpen.of(
                        fields.value("calls", ValueKind.INTEGERS, before.calls()),
                        fields.value("concurrent", ValueKind.INTEGERS, before.concurrent()),
                        fields.value("early", ValueKind.BOOLEANS, before.early()),
                        fields.value("probeTimeout", ValueKind.DURATIONS, before.probeTimeout())));
        return halfOpen == null ? before : halfOpen;
    }
}
