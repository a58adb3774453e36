// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /v1/health/service/…} answered: every instance in whatever state, each read by itself, so that an odd one
 * takes nobody with it. Not thread-safe.
 */
final class HealthAnswer {
    /** What others put beside what we read is read past, however long or deep it is. */
    static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(10_000)
                    .maxNestingDepth(100_000)
                    .build())
            .build());

    private static final int MAX_INSTANCES = 50_000;

    private final JsonNode entries;
    private final long[] births;

    private HealthAnswer(JsonNode entries) {
        this.entries = entries;
        this.births = births(entries);
    }

    /**
     * The answer in a body.
     *
     * @throws RegistryException when it is not a list of services at all
     */
    static HealthAnswer of(byte[] body) {
        HealthAnswer answer = new HealthAnswer(parse(body));
        if (!answer.entries.isEmpty() && !answer.hasService()) {
            throw invalid("elements without a service", null);
        }
        return answer;
    }

    private boolean hasService() {
        for (JsonNode entry : entries) {
            if (entry.path("Service").isObject()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The instances.
     *
     * @param onRejected hears of each entry that is not one, and why
     * @param onLeftOut hears of each that is used without something, and without what
     */
    List<ServiceInstance> instances(
            String service,
            ListedNames names,
            BiConsumer<String, String> onRejected,
            BiConsumer<String, String> onLeftOut) {
        Map<ListedNames.Key, List<JsonNode>> listed = listed(onRejected);
        Map<ListedNames.Key, String> ids = names.name(listed.keySet());
        List<ServiceInstance> instances = new ArrayList<>();
        listed.forEach((key, entries) -> {
            String label = key.node() + "/" + key.id();
            boolean found = false;
            for (JsonNode entry : entries) {
                try {
                    String id = ids.get(key);
                    if (id == null) {
                        throw new IllegalArgumentException("no id is left for it");
                    }
                    if (found) {
                        throw new IllegalArgumentException("listed twice (expected: an id once on its node)");
                    }
                    instances.add(ConsulEntryReader.read(service, id, entry, what -> onLeftOut.accept(label, what)));
                    found = true;
                } catch (RuntimeException bad) {
                    onRejected.accept(label, String.valueOf(bad.getMessage()));
                }
            }
        });
        return instances;
    }

    /** Of two entries that claim one identity, the first that can be reached has it. */
    private Map<ListedNames.Key, List<JsonNode>> listed(BiConsumer<String, String> onRejected) {
        Map<ListedNames.Key, List<JsonNode>> listed = new LinkedHashMap<>();
        int count = 0;
        for (JsonNode entry : entries) {
            ListedNames.Key key = key(entry);
            String label = key.node() + "/" + key.id();
            if (!entry.path("Service").isObject()) {
                onRejected.accept(label, "an element without a service");
            } else if (count++ >= MAX_INSTANCES) {
                onRejected.accept(label, "more than " + MAX_INSTANCES + " instances");
                break;
            } else {
                listed.computeIfAbsent(key, first -> new ArrayList<>(1)).add(entry);
            }
        }
        return listed;
    }

    private static ListedNames.Key key(JsonNode entry) {
        JsonNode service = entry.path("Service");
        String id = service.path("ID").asText("");
        return new ListedNames.Key(
                entry.path("Node").path("Node").asText("?"),
                id.isEmpty() ? service.path("Service").asText("?") : id);
    }

    /** Whether an entry of {@code before} is still listed and has not been created anew since. */
    boolean sharesLifeWith(@Nullable HealthAnswer before) {
        return before != null && Arrays.stream(births).anyMatch(birth -> contains(before.births, birth));
    }

    /** Whether there is nothing here that {@code before} had not, as when a token lost rights. */
    boolean isPartOf(@Nullable HealthAnswer before) {
        return before != null
                && births.length == entries.size()
                && Arrays.stream(births).allMatch(birth -> contains(before.births, birth));
    }

    /** This answer's births alone: what later ones are compared with. */
    HealthAnswer withoutEntries() {
        return new HealthAnswer(births);
    }

    private HealthAnswer(long[] births) {
        this.entries = JSON.createArrayNode();
        this.births = births;
    }

    private static boolean contains(long[] sorted, long birth) {
        return Arrays.binarySearch(sorted, birth) >= 0;
    }

    /** Who it is and when it was created, for each entry that says so; sorted. */
    private static long[] births(JsonNode entries) {
        long[] births = new long[entries.size()];
        int count = 0;
        for (JsonNode entry : entries) {
            long created = entry.path("Service").path("CreateIndex").asLong(0);
            if (created > 0) {
                ListedNames.Key key = key(entry);
                CRC32C checksum = new CRC32C();
                checksum.update((key.node() + '\0' + key.id()).getBytes(StandardCharsets.UTF_8));
                births[count++] = checksum.getValue() << 32 ^ created;
            }
        }
        long[] found = Arrays.copyOf(births, count);
        Arrays.sort(found);
        return found;
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
}
