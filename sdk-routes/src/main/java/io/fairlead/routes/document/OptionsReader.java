// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.OutagePolicy;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceOptions.ServiceGuardUse;
import io.fairlead.balancer.SlowStart;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.Throttle;
import io.fairlead.balancer.ZonePreference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads the options of a service, or of all. An option that is written replaces the one in code whole: of what is not written of
 * it, the option's own default holds, so that a document means the same over any code. Stateless.
 */
final class OptionsReader {
    /** How each option is read; null for what it is not. */
    private static final Map<String, Function<PartReader, @Nullable UnaryOperator<ServiceOptions>>> OPTIONS =
            new LinkedHashMap<>();

    static {
        OPTIONS.put("policy", part -> set(PolicyReader.read(part), ServiceOptions::withPolicy));
        OPTIONS.put("timeout", OptionsReader::timeout);
        OPTIONS.put("retries", part -> set(RetriesReader.read(part), ServiceOptions::withRetries));
        OPTIONS.put("rateLimit", part -> set(rateLimit(part), ServiceOptions::withRateLimit));
        OPTIONS.put("breaker", OptionsReader::breaker);
        OPTIONS.put("hedging", part -> set(hedging(part), ServiceOptions::withHedging));
        OPTIONS.put("zones", part -> set(zones(part), ServiceOptions::withZones));
        OPTIONS.put("slowStart", part -> set(slowStart(part), ServiceOptions::withSlowStart));
        OPTIONS.put("throttle", part -> set(throttle(part), ServiceOptions::withThrottle));
        OPTIONS.put("concurrencyLimits", part -> set(limits(part), ServiceOptions::withConcurrencyLimits));
        OPTIONS.put("subsetting", OptionsReader::subsetting);
        OPTIONS.put("dynamicWeights", part -> set(DynamicWeightsReader.read(part), ServiceOptions::withDynamicWeights));
        OPTIONS.put("peers", OptionsReader::peers);
        OPTIONS.put("outagePolicy", part -> set(outage(part), ServiceOptions::withOutagePolicy));
        OPTIONS.put("serviceGuard", OptionsReader::serviceGuard);
        OPTIONS.put("firstListTimeout", part -> {
            Duration value = part.value(ValueKind.DURATIONS);
            return value == null ? null : options -> options.withFirstListTimeout(value);
        });
    }

    private OptionsReader() {}

    /** The keys of all options. */
    static Set<String> keys() {
        return OPTIONS.keySet();
    }

    /** What the options that stand there make of those in code; problems for the rest. */
    static UnaryOperator<ServiceOptions> read(FieldsReader fields) {
        List<UnaryOperator<ServiceOptions>> changes = new ArrayList<>();
        OPTIONS.forEach((key, reading) -> {
            PartReader part = fields.get(key);
            UnaryOperator<ServiceOptions> change = part == null ? null : reading.apply(part);
            if (change != null) {
                changes.add(change);
            }
        });
        return options -> {
            ServiceOptions changed = options;
            for (UnaryOperator<ServiceOptions> change : changes) {
                changed = change.apply(changed);
            }
            return changed;
        };
    }

    private static @Nullable UnaryOperator<ServiceOptions> timeout(PartReader part) {
        if (part.isOff()) {
            return ServiceOptions::withoutTimeout;
        }
        Duration value = part.duration(false, PartReader.LONGEST_TIME);
        return value == null ? null : options -> options.withTimeout(value);
    }

    /** {@code off}, or a rate; the bucket holds what comes in a second unless it says otherwise. */
    static @Nullable RateLimit rateLimit(PartReader part) {
        if (part.isOff()) {
            return RateLimit.off();
        }
        FieldsReader fields =
                part.fields(Set.of("perSecond", "burst", "maxWait"), "off, or an object as in '{perSecond: 100}'");
        if (fields == null || !fields.require("perSecond", "calls a second, as in '100'")) {
            return null;
        }
        RateLimit limit = fields.with(
                RateLimit.of(1, 1),
                "perSecond",
                ValueKind.DOUBLES,
                (before, value) -> RateLimit.of(value, (int) Math.max(1, Math.min(1_000_000, Math.ceil(value)))));
        limit = fields.with(limit, "burst", ValueKind.INTEGERS, RateLimit::withBurst);
        return fields.with(limit, "maxWait", ValueKind.DURATIONS, RateLimit::withMaxWait);
    }

    private static @Nullable UnaryOperator<ServiceOptions> breaker(PartReader part) {
        try {
            return BreakerReader.read(part);
        } catch (NoClassDefFoundError absent) {
            part.refuse("fairlead-circuitbreaker is not on the class path (expected: no 'breaker', or that artifact)");
            return null;
        }
    }

    static @Nullable Hedging hedging(PartReader part) {
        if (part.isOff()) {
            return Hedging.off();
        }
        FieldsReader fields = part.fields(
                Set.of("percentile", "delay", "maxExtraLoad"), "off, or an object as in '{percentile: 0.95}'");
        if (fields == null) {
            return null;
        }
        Hedging hedging = fields.with(Hedging.defaults(), "percentile", ValueKind.DOUBLES, Hedging::withPercentile);
        hedging = fields.with(hedging, "delay", ValueKind.DURATIONS, Hedging::withDelay);
        return fields.with(hedging, "maxExtraLoad", ValueKind.DOUBLES, Hedging::withMaxExtraLoad);
    }

    /** {@code off}, a list of tiers, each a name or a list of names, or an object with them. */
    static @Nullable ZonePreference zones(PartReader part) {
        if (part.isOff()) {
            return ZonePreference.off();
        }
        String expected = "off, or a list of tiers as in '[cn-1, [cn-2, cn-3]]'";
        if (part.isItems()) {
            return tiers(part, expected);
        }
        FieldsReader fields = part.fields(Set.of("tiers", "overprovisioning"), expected);
        PartReader tiers = fields == null ? null : fields.get("tiers");
        if (fields == null || !fields.require("tiers", "a list as in '[cn-1]'") || tiers == null) {
            return null;
        }
        ZonePreference zones = tiers(tiers, "a list of tiers as in '[cn-1, [cn-2, cn-3]]'");
        return fields.with(zones, "overprovisioning", ValueKind.DOUBLES, ZonePreference::withOverprovisioning);
    }

    private static ZonePreference tiers(PartReader part, String expected) {
        ZonePreference zones = ZonePreference.off();
        List<PartReader> tiers = part.items(expected);
        for (PartReader tier : tiers == null ? List.<PartReader>of() : tiers) {
            List<String> names = new ArrayList<>();
            for (PartReader name : tier.each()) {
                String zone = name.word("a zone's name");
                if (zone != null) {
                    names.add(zone);
                }
            }
            ZonePreference before = zones;
            ZonePreference more = names.size() < tier.each().size()
                    ? null
                    : tier.made(() -> before.then(names.toArray(String[]::new)));
            zones = more == null ? zones : more;
        }
        return zones;
    }

    /** {@code off}, a length, or an object. */
    static @Nullable SlowStart slowStart(PartReader part) {
        if (part.isOff()) {
            return SlowStart.off();
        }
        if (part.isText()) {
            Duration length = part.value(ValueKind.DURATIONS);
            return length == null ? null : SlowStart.of(length);
        }
        FieldsReader fields =
                part.fields(Set.of("length", "afterEjection", "aggression", "floor"), "off, a duration, or an object");
        if (fields == null) {
            return null;
        }
        SlowStart start = fields.with(SlowStart.defaults(), "length", ValueKind.DURATIONS, SlowStart::withLength);
        start = fields.with(start, "afterEjection", ValueKind.DURATIONS, SlowStart::withAfterEjection);
        start = fields.with(start, "aggression", ValueKind.DOUBLES, SlowStart::withAggression);
        return fields.with(start, "floor", ValueKind.DOUBLES, SlowStart::withFloor);
    }

    static @Nullable Throttle throttle(PartReader part) {
        if (part.isOff()) {
            return Throttle.off();
        }
        FieldsReader fields = part.fields(Set.of("k", "window"), "off, or an object as in '{k: 2}'");
        if (fields == null) {
            return null;
        }
        Throttle throttle = fields.with(Throttle.defaults(), "k", ValueKind.DOUBLES, Throttle::withK);
        return fields.with(throttle, "window", ValueKind.DURATIONS, Throttle::withWindow);
    }

    static @Nullable ConcurrencyLimits limits(PartReader part) {
        if (part.isOff()) {
            return ConcurrencyLimits.off();
        }
        FieldsReader fields =
                part.fields(Set.of("initial", "min", "max"), "off, or an object as in '{initial: 20, max: 200}'");
        if (fields == null) {
            return null;
        }
        int min = fields.value("min", ValueKind.INTEGERS, 1);
        int max = fields.value("max", ValueKind.INTEGERS, Math.max(200, min));
        ConcurrencyLimits bounds = part.made(() -> ConcurrencyLimits.defaults().withBounds(min, max));
        return bounds == null
                ? null
                : fields.with(bounds, "initial", ValueKind.INTEGERS, ConcurrencyLimits::withInitial);
    }

    private static @Nullable UnaryOperator<ServiceOptions> subsetting(PartReader part) {
        if (part.isOff()) {
            return options -> options.withSubsetting(Subsetting.off());
        }
        FieldsReader fields = part.fields(Set.of("above", "size"), "off, or an object as in '{above: 64, size: 32}'");
        if (fields == null) {
            return null;
        }
        int size = fields.value("size", ValueKind.INTEGERS, 32);
        int above = fields.value("above", ValueKind.INTEGERS, Math.max(64, size));
        Subsetting usual = part.made(() -> Subsetting.defaults().withSize(above, size));
        // How members are found, and which client this is, only code can say.
        return usual == null
                ? null
                : options -> options.withSubsetting(
                        options.subsetting().isOff()
                                ? usual
                                : options.subsetting().withSize(above, size));
    }

    /** The comparison with peers; checks of the client's own name targets, which only code may. */
    private static @Nullable UnaryOperator<ServiceOptions> peers(PartReader part) {
        HealthPolicy.PeerRule rule = HealthPolicy.PeerRule.defaults();
        if (part.isOff()) {
            rule = HealthPolicy.PeerRule.off();
        } else {
            FieldsReader fields = part.fields(
                    Set.of("sigmas", "gap", "minInstances", "minCalls"), "off, or an object as in '{sigmas: 1.9}'");
            if (fields == null) {
                return null;
            }
            rule = fields.with(rule, "sigmas", ValueKind.DOUBLES, HealthPolicy.PeerRule::withSigmas);
            rule = fields.with(rule, "gap", ValueKind.DOUBLES, HealthPolicy.PeerRule::withGap);
            rule = fields.with(rule, "minInstances", ValueKind.INTEGERS, HealthPolicy.PeerRule::withMinInstances);
            rule = fields.with(rule, "minCalls", ValueKind.INTEGERS, HealthPolicy.PeerRule::withMinCalls);
        }
        HealthPolicy.PeerRule compared = rule;
        return options -> options.withHealth(options.health().withPeers(compared));
    }

    static @Nullable OutagePolicy outage(PartReader part) {
        if (part.isOff()) {
            return OutagePolicy.off();
        }
        FieldsReader fields = part.fields(Set.of("grace", "maxAge"), "off, or an object as in '{grace: 60s}'");
        if (fields == null) {
            return null;
        }
        OutagePolicy policy =
                fields.with(OutagePolicy.defaults(), "grace", ValueKind.DURATIONS, OutagePolicy::withGrace);
        return fields.with(policy, "maxAge", ValueKind.DURATIONS, OutagePolicy::withMaxAge);
    }

    private static @Nullable UnaryOperator<ServiceOptions> serviceGuard(PartReader part) {
        String word = part.oneOf(List.of("off", "measures", "rejects"));
        if (word == null) {
            return null;
        }
        ServiceGuardUse use = ServiceGuardUse.valueOf(word.toUpperCase(Locale.ROOT));
        return options -> options.withServiceGuardUse(use);
    }

    private interface Setter<T> {
        ServiceOptions set(ServiceOptions options, T value);
    }

    private static <T> @Nullable UnaryOperator<ServiceOptions> set(@Nullable T value, Setter<T> setter) {
        return value == null ? null : options -> setter.set(options, value);
    }
}
