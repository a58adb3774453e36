// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.databind.JsonNode;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads one entry as somebody else may have written it: what an instance can not carry is left out and told, and the
 * instance is used. Only a missing or impossible address makes it none. Stateless, safe for any thread.
 */
final class ListedInstance {
    private static final int MOST = 64;
    private static final int LONGEST = 256;
    private static final int LONGEST_VALUE = 4_096;
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]{0,31}");
    private static final Pattern GRAPHIC = Pattern.compile("[\\x21-\\x7e]{1,256}");

    private ListedInstance() {}

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
        ServiceInstance.Builder builder = ServiceInstance.builder(service)
                .id(id)
                .address(host(data, node), port(data.path("Port")))
                .weight(weight(data.path("Weights"), status))
                .status(status)
                .tags(tags(data.path("Tags"), onLeftOut))
                .metadata(metadata(meta, onLeftOut));
        String scheme = meta.path(ConsulFormat.SCHEME).asText("").toLowerCase(Locale.ROOT);
        if (SCHEME.matcher(scheme).matches()) {
            builder.scheme(scheme);
        } else if (!scheme.isEmpty()) {
            onLeftOut.accept("scheme '" + scheme + "' (expected: one of a URI, as in 'http')");
        }
        String version = meta.path(ConsulFormat.VERSION).asText("");
        if (isText("version", version, LONGEST, onLeftOut)) {
            builder.version(version);
        }
        JsonNode zones = meta.has(ConsulFormat.ZONE) ? meta : node.path("Meta");
        String zone = zones.path(ConsulFormat.ZONE).asText("");
        if (isText("zone", zone, LONGEST, onLeftOut)) {
            builder.zone(zone);
        }
        return builder.build();
    }

    /** A name may end with the dot of the root. */
    private static String host(JsonNode data, JsonNode node) {
        String own = data.path("Address").asText("").strip();
        String host = own.isEmpty() ? node.path("Address").asText("").strip() : own;
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private static int port(JsonNode port) {
        long number = port.asLong(0);
        if (!port.isIntegralNumber() || number < 1 || number > 65_535) {
            throw new IllegalArgumentException("port: " + port.asText("none") + " (expected: 1..65535)");
        }
        return (int) number;
    }

    private static Set<String> tags(JsonNode listed, Consumer<String> onLeftOut) {
        Set<String> tags = new LinkedHashSet<>();
        int surplus = 0;
        for (JsonNode tag : listed) {
            String text = tag.asText("");
            if (!text.isEmpty() && isText("tag", text, LONGEST, onLeftOut) && !tags.contains(text)) {
                if (tags.size() < MOST) {
                    tags.add(text);
                } else {
                    surplus++;
                }
            }
        }
        tellSurplus("tags", surplus, onLeftOut);
        return tags;
    }

    private static Map<String, String> metadata(JsonNode meta, Consumer<String> onLeftOut) {
        Map<String, String> metadata = new LinkedHashMap<>();
        int surplus = 0;
        for (Map.Entry<String, JsonNode> field : meta.properties()) {
            String key = field.getKey();
            String value = field.getValue().asText("");
            if (ConsulFormat.RESERVED.contains(key)) {
                continue;
            }
            if (!GRAPHIC.matcher(key).matches()) {
                onLeftOut.accept("a metadata key of " + key.length()
                        + " characters (expected: 1 to 256 printable ASCII characters without blanks)");
            } else if (isText("metadata '" + key + "'", value, LONGEST_VALUE, onLeftOut)) {
                if (metadata.size() < MOST) {
                    metadata.put(key, value);
                } else {
                    surplus++;
                }
            }
        }
        tellSurplus("metadata entries", surplus, onLeftOut);
        return metadata;
    }

    private static void tellSurplus(String what, int surplus, Consumer<String> onLeftOut) {
        if (surplus > 0) {
            onLeftOut.accept(surplus + " " + what + " (expected: at most " + MOST + ")");
        }
    }

    private static boolean isText(String what, String text, int longest, Consumer<String> onLeftOut) {
        if (text.length() > longest) {
            onLeftOut.accept(what + " of " + text.length() + " characters (expected: at most " + longest + ")");
            return false;
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            onLeftOut.accept(what + " with a control character");
            return false;
        }
        return true;
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
