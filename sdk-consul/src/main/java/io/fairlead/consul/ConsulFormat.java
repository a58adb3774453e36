// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.CheckEndpoint;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.kiwiproject.consul.model.agent.ImmutableRegCheck;
import org.kiwiproject.consul.model.agent.ImmutableRegistration;
import org.kiwiproject.consul.model.agent.Registration;
import org.kiwiproject.consul.model.catalog.ImmutableServiceWeights;

/** How an instance stands in Consul: the reserved metadata, the weights, the checks. Stateless, safe for any thread. */
final class ConsulFormat {
    static final String ZONE = "zone";
    static final String VERSION = "version";
    static final String SCHEME = "scheme";
    static final String DRAINING = "draining";

    static final Set<String> RESERVED = Set.of(ZONE, VERSION, SCHEME, DRAINING);
    private static final Pattern META_KEY = Pattern.compile("[A-Za-z0-9_-]{1,128}");
    private static final int MAX_META = 64;
    private static final int MAX_META_VALUE = 512;
    /** Consul raises anything shorter to this. */
    private static final Duration LEAST_DEREGISTER_AFTER = Duration.ofMinutes(1);

    private ConsulFormat() {}

    /**
     * Refuses an id that Consul would take and never find again: its paths are cleaned before they are looked at, also
     * when they are percent-encoded.
     *
     * @throws IllegalArgumentException with the id and what is expected
     */
    static void requireAddressable(String what, String id) {
        boolean cleaned = id.startsWith("/") || id.endsWith("/") || id.contains("//");
        for (String segment : id.split("/", -1)) {
            cleaned |= segment.equals(".") || segment.equals("..");
        }
        if (cleaned) {
            throw new IllegalArgumentException(
                    what + ": '" + id + "' (expected by Consul, whose paths it is part of: no"
                            + " slash at either end, no '//', no '.' or '..' between slashes)");
        }
    }

    static String ttlCheckId(String id) {
        return "service:" + id;
    }

    /**
     * The metadata as Consul takes it.
     *
     * @throws IllegalArgumentException for what Consul would refuse, or for a reserved key
     */
    static Map<String, String> meta(ServiceInstance instance) {
        Map<String, String> meta = new LinkedHashMap<>();
        instance.metadata().forEach((key, value) -> {
            if (RESERVED.contains(key)) {
                throw new IllegalArgumentException("metadata key '" + key + "' (expected: not one of " + RESERVED
                        + ", which carry the instance's own fields in Consul)");
            }
            if (!META_KEY.matcher(key).matches() || value.isEmpty() || value.length() > MAX_META_VALUE) {
                throw new IllegalArgumentException("metadata '" + key + "' with " + value.length()
                        + " characters (expected by Consul: a key of letters, digits, - and _, a value of 1 to 512)");
            }
            meta.put(key, value);
        });
        if (instance.zone() != null) {
            meta.put(ZONE, instance.zone());
        }
        if (instance.version() != null) {
            meta.put(VERSION, instance.version());
        }
        if (!instance.scheme().equals("http")) {
            meta.put(SCHEME, instance.scheme());
        }
        if (instance.status() == InstanceStatus.DRAINING) {
            meta.put(DRAINING, "true");
        }
        // Room for the mark of draining: what can be registered can also be drained.
        meta.putIfAbsent(DRAINING, "");
        if (meta.size() > MAX_META) {
            throw new IllegalArgumentException(
                    "metadata: " + meta.size() + " entries with zone, version, scheme and the"
                            + " mark of draining (expected by Consul: at most " + MAX_META + ")");
        }
        meta.remove(DRAINING, "");
        return meta;
    }

    static Registration registration(ServiceInstance instance, HealthCheck check) {
        return ImmutableRegistration.builder()
                .id(instance.id())
                .name(instance.service())
                .address(instance.host())
                .port(instance.port())
                .tags(instance.tags())
                .meta(meta(instance))
                .serviceWeights(ImmutableServiceWeights.builder()
                        .passing(instance.weight())
                        .warning(instance.weight())
                        .build())
                .checks(checks(instance, check))
                .build();
    }

    private static List<Registration.RegCheck> checks(ServiceInstance instance, HealthCheck check) {
        List<Registration.RegCheck> checks = new ArrayList<>();
        CheckEndpoint endpoint = check.endpoint();
        ImmutableRegCheck.Builder main =
                ImmutableRegCheck.builder().id(ttlCheckId(instance.id())).name(instance.service() + " " + check.kind());
        if (check.deregisterAfter() != null) {
            Duration after = check.deregisterAfter().compareTo(LEAST_DEREGISTER_AFTER) < 0
                    ? LEAST_DEREGISTER_AFTER
                    : check.deregisterAfter();
            main.deregisterCriticalServiceAfter(go(after));
        }
        switch (check.kind()) {
            case NONE -> {
                // nothing to check: passing while registered
            }
            case TTL ->
                checks.add(main.ttl(go(check.interval()))
                        .status(word(instance.status()))
                        .build());
            case HTTP ->
                checks.add(polled(main, check)
                        .http(endpoint.schemeOf(instance) + "://" + endpoint.authorityOf(instance) + check.target())
                        .build());
            case TCP ->
                checks.add(
                        polled(main, check).tcp(endpoint.authorityOf(instance)).build());
            case GRPC ->
                checks.add(polled(main, check)
                        .grpc(endpoint.authorityOf(instance) + (check.target().isEmpty() ? "" : "/" + check.target()))
                        .grpcUseTls(endpoint.schemeOf(instance).equals("https"))
                        .build());
        }
        boolean reportsIll =
                instance.status() == InstanceStatus.WARNING || instance.status() == InstanceStatus.CRITICAL;
        if (reportsIll && check.kind() != HealthCheck.Kind.TTL) {
            // What the application says of itself, beside what the agent finds out; gone when it is well again.
            checks.add(ImmutableRegCheck.builder()
                    .id("report:" + instance.id())
                    .name(instance.service() + " report")
                    .ttl(go(Duration.ofDays(1)))
                    .status(word(instance.status()))
                    .build());
        }
        return checks;
    }

    private static ImmutableRegCheck.Builder polled(ImmutableRegCheck.Builder main, HealthCheck check) {
        if (!check.endpoint().verifyTls()) {
            main.tlsSkipVerify(true);
        }
        return main.interval(go(check.interval()))
                .timeout(go(check.timeout()))
                .successBeforePassing(check.successesBeforePassing() - 1)
                .failuresBeforeCritical(check.failuresBeforeCritical() - 1);
    }

    /** Consul's word for a status; draining is told by metadata and maintenance instead. */
    static String word(InstanceStatus status) {
        return switch (status) {
            case PASSING, DRAINING -> "passing";
            case WARNING -> "warning";
            case CRITICAL -> "critical";
        };
    }

    /** A duration as Go writes it. */
    static String go(Duration duration) {
        return duration.toMillis() + "ms";
    }
}
