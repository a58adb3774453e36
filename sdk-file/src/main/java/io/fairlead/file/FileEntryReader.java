// SPDX-License-Identifier: Apache-2.0
package io.fairlead.file;

import com.fasterxml.jackson.databind.JsonNode;
import io.fairlead.api.ServiceInstance;
import java.math.BigDecimal;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one entry of the file, whoever wrote it: numbers as text, text as numbers; what can not be represented is left out
 * and told. Stateless, safe for any thread.
 */
final class FileEntryReader {
    private static final Set<String> FIELDS =
            Set.of("id", "address", "weight", "zone", "version", "scheme", "tags", "metadata");

    private FileEntryReader() {}

    /**
     * The instance.
     *
     * @param onLeftOut hears what was left out, the value given and what was expected
     * @throws IllegalArgumentException when it can not be reached: no address, or a bad one
     */
    static ServiceInstance read(String service, JsonNode entry, Consumer<String> onLeftOut) {
        ServiceInstance.Builder builder = ServiceInstance.reader(service, onLeftOut);
        String address = text(entry.path("address"));
        if (address == null) {
            throw new IllegalArgumentException("no text 'address' among " + names(entry)
                    + " (expected: an object with \"address\": \"host:port\")");
        }
        address(builder, address.strip());
        String id = text(entry.path("id"));
        if (id != null) {
            builder.id(id);
        }
        weight(builder, entry.path("weight"), onLeftOut);
        String scheme = text(entry.path("scheme"));
        if (scheme != null) {
            builder.scheme(scheme);
        }
        builder.zone(text(entry.path("zone")));
        builder.version(text(entry.path("version")));
        JsonNode tags = entry.path("tags");
        (tags.isValueNode() ? Set.of(tags) : tags).forEach(tag -> {
            String word = text(tag);
            if (word != null) {
                builder.tag(word);
            }
        });
        entry.path("metadata").properties().forEach(field -> {
            String value = text(field.getValue());
            if (value != null) {
                builder.metadata(field.getKey(), value);
            } else if (field.getValue().isContainerNode()) {
                onLeftOut.accept("metadata '" + field.getKey() + "': no text (expected: a string)");
            }
        });
        for (String field : names(entry)) {
            if (!FIELDS.contains(field)) {
                onLeftOut.accept("field '" + field + "' (expected: one of " + new TreeSet<>(FIELDS) + ")");
            }
        }
        return builder.build();
    }

    private static void address(ServiceInstance.Builder builder, String address) {
        int colon = address.lastIndexOf(':');
        String port = colon < 0 ? "" : address.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("address: '" + address + "' (expected: host:port)");
        }
        builder.address(address.substring(0, colon), Integer.parseInt(port));
    }

    private static void weight(ServiceInstance.Builder builder, JsonNode given, Consumer<String> onLeftOut) {
        String text = text(given);
        if (text == null && !given.isContainerNode()) {
            return;
        }
        try {
            BigDecimal exact = new BigDecimal(text == null || text.length() > 100 ? "" : text.strip());
            BigDecimal most = BigDecimal.valueOf(Integer.MAX_VALUE);
            BigDecimal within = exact.min(most).max(most.negate());
            // One that rounds to nothing may have as many digits as its exponent says: only its sign is looked at.
            builder.weight(
                    within.precision() - within.scale() < 1 ? within.signum() : (int) Math.round(within.doubleValue()));
        } catch (NumberFormatException none) {
            onLeftOut.accept("weight: " + given.getNodeType() + " (expected: 1..65535)");
        }
    }

    private static Set<String> names(JsonNode entry) {
        Set<String> names = new TreeSet<>();
        entry.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Null for what has no text: absent, null, an object, a list. */
    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asText() : null;
    }
}
