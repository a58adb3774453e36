// SPDX-License-Identifier: Apache-2.0
package io.fairlead.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fairlead.api.EventListener;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.spi.RejectedEntries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Reads the file. Safe for any thread; one reads at a time. */
final class ServicesFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_BYTES = 32 << 20;
    private static final Set<String> FIELDS =
            Set.of("id", "address", "weight", "zone", "version", "scheme", "tags", "metadata");

    private final Path path;
    private final EventListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, RejectedEntries> rejected = new HashMap<>(); // guarded by lock
    private byte @Nullable [] last; // guarded by lock

    ServicesFile(Path path, EventListener listener) {
        this.path = path;
        this.listener = listener;
    }

    /**
     * Services and their instances.
     *
     * @throws RegistryException when the file is absent, too large or not the JSON expected
     */
    Map<String, List<ServiceInstance>> read() {
        lock.lock();
        try {
            return parse(bytes());
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #read}, or null when its bytes are those {@link #readIfChanged} parsed last. */
    @Nullable
    Map<String, List<ServiceInstance>> readIfChanged() {
        lock.lock();
        try {
            byte[] bytes = null;
            try {
                bytes = bytes();
                if (Arrays.equals(bytes, last)) {
                    return null;
                }
                return parse(bytes);
            } catch (RegistryException unreadable) {
                bytes = null;
                throw unreadable;
            } finally {
                last = bytes;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "file " + path;
    }

    private byte[] bytes() {
        try {
            long size = Files.size(path);
            if (size > MAX_BYTES) {
                throw new RegistryException(
                        Reason.INVALID_ANSWER, this + ": " + size + " bytes (expected: at most " + MAX_BYTES + ")");
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException absent) {
            throw new RegistryException(Reason.UNREACHABLE, this + " does not exist", absent);
        } catch (IOException unreadable) {
            throw new RegistryException(Reason.UNREACHABLE, this + " can not be read: " + unreadable, unreadable);
        }
    }

    private Map<String, List<ServiceInstance>> parse(byte[] bytes) {
        JsonNode services;
        try {
            services = JSON.readTree(bytes).path("services");
        } catch (JsonProcessingException malformed) {
            throw new RegistryException(
                    Reason.INVALID_ANSWER,
                    this + " is no JSON: line " + malformed.getLocation().getLineNr() + ", column "
                            + malformed.getLocation().getColumnNr(),
                    malformed);
        } catch (IOException unreadable) {
            throw new RegistryException(Reason.INVALID_ANSWER, this + " is no JSON: " + unreadable, unreadable);
        }
        if (!services.isObject()) {
            throw new RegistryException(
                    Reason.INVALID_ANSWER, this + " has no object 'services' (expected: {\"services\": {…}})");
        }
        Map<String, List<ServiceInstance>> read = new HashMap<>();
        services.properties().forEach(service -> read(service.getKey(), service.getValue(), read));
        return read;
    }

    private void read(String name, JsonNode entries, Map<String, List<ServiceInstance>> read) {
        String service;
        try {
            service = ServiceSnapshot.empty(name, 0).service();
        } catch (IllegalArgumentException illegal) {
            rejected(name).tell("services." + name, String.valueOf(illegal.getMessage()));
            return;
        }
        List<ServiceInstance> instances = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        int number = 0;
        for (JsonNode entry : entries) {
            try {
                ServiceInstance instance = instance(service, entry);
                if (!ids.add(instance.id())) {
                    throw new IllegalArgumentException("id '" + instance.id() + "' twice (expected: unique ids)");
                }
                instances.add(instance);
            } catch (IllegalArgumentException bad) {
                rejected(service).tell("services." + service + "[" + number + "]", String.valueOf(bad.getMessage()));
            }
            number++;
        }
        read.put(service, instances);
    }

    private static ServiceInstance instance(String service, JsonNode entry) {
        entry.fieldNames().forEachRemaining(field -> {
            if (!FIELDS.contains(field)) {
                throw new IllegalArgumentException("field '" + field + "' (expected: one of " + FIELDS + ")");
            }
        });
        String address = entry.path("address").asText("");
        int colon = address.lastIndexOf(':');
        String port = colon < 0 ? "" : address.substring(colon + 1);
        if (!port.matches("\\d{1,5}")) {
            throw new IllegalArgumentException("address: '" + address + "' (expected: host:port)");
        }
        ServiceInstance.Builder builder =
                ServiceInstance.builder(service).address(address.substring(0, colon), Integer.parseInt(port));
        if (entry.has("id")) {
            builder.id(entry.get("id").asText());
        }
        if (entry.has("weight")) {
            builder.weight(entry.get("weight").asInt(0));
        }
        if (entry.has("scheme")) {
            builder.scheme(entry.get("scheme").asText());
        }
        builder.zone(entry.path("zone").asText(""));
        builder.version(entry.path("version").asText(""));
        entry.path("tags").forEach(tag -> builder.tag(tag.asText()));
        entry.path("metadata")
                .properties()
                .forEach(field ->
                        builder.metadata(field.getKey(), field.getValue().asText()));
        return builder.build();
    }

    private RejectedEntries rejected(String service) {
        return rejected.computeIfAbsent(service, name -> new RejectedEntries(name, listener, (entry, reason) -> {}));
    }
}
