// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code /v1/health/service/…}: every instance in whatever state, each by itself, so that an odd one takes nobody
 * with it. Stateless, safe for any thread.
 */
final class HealthAnswer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_INSTANCES = 50_000;

    private HealthAnswer() {}

    /**
     * The instances.
     *
     * @param onRejected hears of each entry that is not one, and why
     * @throws RegistryException when it is not a list at all
     */
    static List<ServiceInstance> read(String service, byte[] body, BiConsumer<String, String> onRejected) {
        JsonNode entries = parse(body);
        List<ServiceInstance> instances = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode entry : entries) {
            if (!entry.path("Service").isObject()) {
                throw invalid("an element without a service", null);
            }
            String label = entry.path("Node").path("Node").asText("?") + "/"
                    + entry.path("Service").path("ID").asText("?");
            if (instances.size() >= MAX_INSTANCES) {
                onRejected.accept(label, "more than " + MAX_INSTANCES + " instances");
                break;
            }
            try {
                ServiceInstance instance = instance(service, entry, ids);
                ids.add(instance.id());
                instances.add(instance);
            } catch (IllegalArgumentException bad) {
                onRejected.accept(label, String.valueOf(bad.getMessage()));
            }
        }
        return instances;
    }

    /** The keys of a JSON object, as {@code /v1/catalog/services} answers. */
    static Set<String> names(byte[] body) {
        Set<String> names = new HashSet<>();
        try {
            JSON.readTree(body).fieldNames().forEachRemaining(names::add);
        } catch (IOException notJson) {
            throw invalid("no JSON", notJson);
        }
        return names;
    }

    private static JsonNode parse(byte[] body) {
        try {
            JsonNode tree = JSON.readTree(body);
            if (tree != null && tree.isArray()) {
                return tree;
            }
        } catch (IOException notJson) {
            throw invalid("no JSON", notJson);
        }
        throw invalid("no JSON array", null);
    }

    private static RegistryException invalid(String what, @Nullable Throwable cause) {
        return new RegistryException(
                RegistryException.Reason.INVALID_ANSWER, "consul sent " + what + " where a list was expected", cause);
    }

    private static ServiceInstance instance(String service, JsonNode entry, Set<String> ids) {
        JsonNode data = entry.path("Service");
        JsonNode node = entry.path("Node");
        InstanceStatus status = status(entry.path("Checks"), data.path("Meta"));
        String host = data.path("Address").asText("");
        String id = data.path("ID").asText("");
        ServiceInstance.Builder builder = ServiceInstance.builder(service)
                // A Consul id is unique on its agent only.
                .id(ids.contains(id) ? id + "@" + node.path("Node").asText("?") : id)
                .address(host.isEmpty() ? node.path("Address").asText("") : host, port(data.path("Port")))
                .weight(weight(data.path("Weights"), status))
                .status(status);
        for (JsonNode tag : data.path("Tags")) {
            if (!tag.asText("").isEmpty()) {
                builder.tag(tag.asText());
            }
        }
        data.path("Meta")
                .properties()
                .forEach(field -> meta(builder, field.getKey(), field.getValue().asText("")));
        if (!data.path("Meta").has(ConsulFormat.ZONE) && node.path("Meta").has(ConsulFormat.ZONE)) {
            builder.zone(node.path("Meta").path(ConsulFormat.ZONE).asText(""));
        }
        return builder.build();
    }

    private static void meta(ServiceInstance.Builder builder, String key, String value) {
        switch (key) {
            case ConsulFormat.ZONE -> builder.zone(value);
            case ConsulFormat.VERSION -> builder.version(value);
            case ConsulFormat.SCHEME -> builder.scheme(value);
            case ConsulFormat.DRAINING -> {
                // read by status()
            }
            default -> builder.metadata(key, value);
        }
    }

    private static int port(JsonNode port) {
        long number = port.asLong(0);
        if (!port.isIntegralNumber() || number < 1 || number > 65_535) {
            throw new IllegalArgumentException("port: " + port.asText("none") + " (expected: 1..65535)");
        }
        return (int) number;
    }

    private static int weight(JsonNode weights, InstanceStatus status) {
        String which = status == InstanceStatus.WARNING ? "Warning" : "Passing";
        long weight = weights.path(which).asLong(ServiceInstance.DEFAULT_WEIGHT);
        return (int) Math.max(1, Math.min(ServiceInstance.MAX_WEIGHT, weight));
    }

    private static InstanceStatus status(JsonNode checks, JsonNode meta) {
        InstanceStatus worst = InstanceStatus.PASSING;
        if (meta.path(ConsulFormat.DRAINING).asText("").equals("true")) {
            return InstanceStatus.DRAINING;
        }
        for (JsonNode check : checks) {
            String id = check.path("CheckID").asText("");
            if (id.startsWith("_service_maintenance:") || id.equals("_node_maintenance")) {
                return InstanceStatus.DRAINING;
            }
            InstanceStatus status = switch (check.path("Status").asText("")) {
                case "passing" -> InstanceStatus.PASSING;
                case "warning" -> InstanceStatus.WARNING;
                default -> InstanceStatus.CRITICAL;
            };
            worst = status.compareTo(worst) > 0 ? status : worst;
        }
        return worst;
    }
}
