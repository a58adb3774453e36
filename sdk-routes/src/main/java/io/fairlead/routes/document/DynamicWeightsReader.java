// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.DynamicWeights.Band;
import io.fairlead.balancer.DynamicWeights.Hysteresis;
import io.fairlead.balancer.DynamicWeights.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads weights that follow health: {@code off}, or an object. Stateless. */
final class DynamicWeightsReader {
    private static final String BAND = "an object as in '{latency: 200ms, errorRatio: 0.05, factor: 0.6}'";

    private DynamicWeightsReader() {}

    static @Nullable DynamicWeights read(PartReader part) {
        if (part.isOff()) {
            return DynamicWeights.off();
        }
        FieldsReader fields = part.fields(
                Set.of("bands", "window", "minSamples", "hysteresis", "recovery", "signal"),
                "off, or an object as in '{window: 5s}'");
        if (fields == null) {
            return null;
        }
        PartReader bands = fields.get("bands");
        DynamicWeights weights = bands == null ? DynamicWeights.defaults() : bands(bands, DynamicWeights.defaults());
        weights = fields.with(weights, "window", ValueKind.DURATIONS, DynamicWeights::withWindow);
        weights = fields.with(weights, "minSamples", ValueKind.INTEGERS, DynamicWeights::withMinSamples);
        weights = fields.with(weights, "recovery", ValueKind.DURATIONS, DynamicWeights::withRecovery);
        PartReader signal = fields.get("signal");
        String word = signal == null ? null : signal.oneOf(List.of("mean", "median", "p90"));
        weights = word == null ? weights : weights.withSignal(Signal.valueOf(word.toUpperCase(Locale.ROOT)));
        PartReader hysteresis = fields.get("hysteresis");
        return hysteresis == null ? weights : weights.withHysteresis(hysteresis(hysteresis));
    }

    private static DynamicWeights bands(PartReader part, DynamicWeights before) {
        List<Band> bands = new ArrayList<>();
        List<PartReader> items =
                part.items("a list of objects as in '{latency: 200ms, errorRatio: 0.05, factor: 0.6}'");
        for (PartReader item : items == null ? List.<PartReader>of() : items) {
            FieldsReader fields = item.fields(Set.of("latency", "errorRatio", "factor"), BAND);
            if (fields == null
                    || !fields.require("latency", BAND)
                            | !fields.require("errorRatio", BAND)
                            | !fields.require("factor", BAND)) {
                continue;
            }
            Duration latency = fields.value("latency", ValueKind.DURATIONS);
            Double errors = fields.value("errorRatio", ValueKind.DOUBLES);
            Double factor = fields.value("factor", ValueKind.DOUBLES);
            Band band = latency == null || errors == null || factor == null
                    ? null
                    : item.made(() -> new Band(latency, errors, factor));
            if (band != null) {
                bands.add(band);
            }
        }
        boolean isWhole = items != null && bands.size() == items.size();
        DynamicWeights changed = isWhole ? part.made(() -> before.withBands(bands.toArray(Band[]::new))) : null;
        return changed == null ? before : changed;
    }

    private static Hysteresis hysteresis(PartReader part) {
        Hysteresis value = Hysteresis.defaults();
        FieldsReader fields = part.fields(
                Set.of("enterWindows", "exitWindows", "exitRatio", "smoothing", "relativeGuard", "maxReducedRatio"),
                "an object as in '{enterWindows: 2}'");
        if (fields == null) {
            return value;
        }
        value = fields.with(value, "enterWindows", ValueKind.INTEGERS, (h, n) -> h.withWindows(n, h.exitWindows()));
        value = fields.with(value, "exitWindows", ValueKind.INTEGERS, (h, n) -> h.withWindows(h.enterWindows(), n));
        value = fields.with(value, "exitRatio", ValueKind.DOUBLES, Hysteresis::withExitRatio);
        value = fields.with(value, "smoothing", ValueKind.DOUBLES, Hysteresis::withSmoothing);
        value = fields.with(value, "relativeGuard", ValueKind.DOUBLES, Hysteresis::withRelativeGuard);
        return fields.with(value, "maxReducedRatio", ValueKind.DOUBLES, Hysteresis::withMaxReducedRatio);
    }
}
