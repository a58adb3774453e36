// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.databind.JsonNode;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads one entry as somebody else may have written it: what an instance can not carry is left out and told, and the
 * instance is used. Only a missing or impossible address makes it none. Stateless, safe for any thread.
 */
final class ConsulEntryReader {
    private ConsulEntryReader() {}

    /**
     * The instance.
     *
     * @param onLeftOut hears what it is used without
     * @throws IllegalArgumentException when it can not be reached
     */
    static ServiceInstance read(String service, String id, JsonNode entry, Consumer<String> onLeftOut) {
        JsonNode data = entry.path("Service");
        JsonNode node = entry.path("Node");
        JsonNode meta = data.path("Meta");
        InstanceStatus status = status(entry.path("Checks"), meta);
        ServiceInstance.Builder builder = ServiceInstance.reader(service, onLeftOut)
                .id(id)
                .address(host(data, node), port(data.path("Port")))
                .weight(weight(data.path("Weights"), status))
                .status(status);
        for (JsonNode tag : data.path("Tags")) {
            if (!tag.asText("").isEmpty()) {
                builder.tag(tag.asText());
            }
        }
        for (Map.Entry<String, JsonNode> field : meta.properties()) {
            String value = field.getValue().asText("");
            switch (field.getKey()) {
                case ConsulFormat.ZONE -> builder.zone(value);
                case ConsulFormat.VERSION -> builder.version(value);
                case ConsulFormat.SCHEME -> builder.scheme(value.isEmpty() ? "http" : value);
                case ConsulFormat.DRAINING -> {
                    // read by status()
                }
                default -> builder.metadata(field.getKey(), value);
            }
        }
        if (!meta.has(ConsulFormat.ZONE) && node.path("Meta").has(ConsulFormat.ZONE)) {
            builder.zone(node.path("Meta").path(ConsulFormat.ZONE).asText(""));
        }
        return builder.build();
    }

    private static String host(JsonNode data, JsonNode node) {
        String own = data.path("Address").asText("");
        return own.isBlank() ? node.path("Address").asText("") : own;
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
