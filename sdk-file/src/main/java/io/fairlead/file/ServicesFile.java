// SPDX-License-Identifier: Apache-2.0
package io.fairlead.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fairlead.api.EventListener;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.spi.RejectedEntries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the file. Safe for any thread; one reads at a time. */
final class ServicesFile {
    private static final int MAX_BYTES = 32 << 20;

    /** What others put beside what we read is read past, however long or deep it is. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_BYTES)
                    .maxNameLength(MAX_BYTES)
                    .maxNumberLength(10_000)
                    .maxNestingDepth(100_000)
                    .build())
            .build());

    private final Path path;
    private final EventListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, RejectedEntries> rejected = new HashMap<>(); // guarded by lock
    private final List<Runnable> untold = new ArrayList<>(); // guarded by lock

    /** Notes what the listener is to hear when the lock is free again. */
    private final EventListener later = new EventListener() {
        @Override
        public void onInstanceRejected(String service, String entry, String reason) {
            untold.add(() -> listener.onInstanceRejected(service, entry, reason));
        }
    };

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
        return locked(() -> parse(bytes()));
    }

    /** As {@link #read}, or null when its bytes are those {@link #readIfChanged} parsed last. */
    @Nullable
    Map<String, List<ServiceInstance>> readIfChanged() {
        return locked(() -> {
            byte[] before = last;
            last = null; // until they are understood
            byte[] bytes = bytes();
            Map<String, List<ServiceInstance>> read = Arrays.equals(bytes, before) ? null : parse(bytes);
            last = bytes;
            return read;
        });
    }

    /** The listener is user code: it hears what was rejected when the lock is free again. */
    private <T extends @Nullable Object> T locked(Supplier<T> reading) {
        List<Runnable> news;
        T read;
        lock.lock();
        try {
            read = reading.get();
        } finally {
            news = List.copyOf(untold);
            untold.clear();
            lock.unlock();
        }
        news.forEach(Runnable::run);
        return read;
    }

    @Override
    public String toString() {
        return "file " + path;
    }

    private byte[] bytes() {
        try {
            byte[] bytes;
            try (InputStream file = Files.newInputStream(path)) {
                // It may grow meanwhile, or be a device without an end.
                bytes = file.readNBytes(MAX_BYTES + 1);
            }
            if (bytes.length > MAX_BYTES) {
                throw new RegistryException(
                        Reason.INVALID_ANSWER, this + " is too large (expected: at most " + MAX_BYTES + " bytes)");
            }
            return bytes;
        } catch (NoSuchFileException absent) {
            throw new RegistryException(Reason.UNREACHABLE, this + " does not exist", absent);
        } catch (IOException unreadable) {
            throw new RegistryException(Reason.UNREACHABLE, this + " can not be read: " + unreadable, unreadable);
        }
    }

    private Map<String, List<ServiceInstance>> parse(byte[] bytes) {
        Map<String, Listed> read = new HashMap<>();
        Set<String> names = new HashSet<>();
        try (JsonParser json = JSON.createParser(bytes)) {
            boolean found = false;
            if (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    boolean isServices = json.currentName().equals("services");
                    if (json.nextToken() == JsonToken.START_OBJECT && isServices) {
                        found = true;
                        services(json, names, read);
                    } else {
                        json.skipChildren();
                    }
                }
            }
            // What is left of a longer file that was written over is nobody's list.
            if (found && json.nextToken() != null) {
                throw new JsonParseException(json, "more after the object");
            }
            if (!found) {
                throw new RegistryException(
                        Reason.INVALID_ANSWER, this + " has no object 'services' (expected: {\"services\": {…}})");
            }
        } catch (JsonProcessingException malformed) {
            throw new RegistryException(Reason.INVALID_ANSWER, this + " is no JSON: " + place(malformed), malformed);
        } catch (IOException unreadable) {
            throw new RegistryException(Reason.INVALID_ANSWER, this + " is no JSON: " + unreadable, unreadable);
        }
        rejected.keySet().retainAll(names);
        Map<String, List<ServiceInstance>> lists = new HashMap<>();
        read.forEach((service, found) -> lists.put(service, List.copyOf(found.byId.values())));
        return lists;
    }

    /** Not the message: it repeats what stands there. */
    private static String place(JsonProcessingException malformed) {
        JsonLocation place = malformed.getLocation();
        return place == null
                ? malformed.getClass().getSimpleName()
                : "line " + place.getLineNr() + ", column " + place.getColumnNr();
    }

    /** One by one: a name may stand there twice, or in two spellings, and nobody of either is lost. */
    private void services(JsonParser json, Set<String> names, Map<String, Listed> read) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            names.add(name);
            names.add(name.toLowerCase(Locale.ROOT));
            json.nextToken();
            read(name, json.readValueAsTree(), read);
        }
    }

    /** What is listed for one service. */
    private static final class Listed {
        final Map<String, ServiceInstance> byId = new LinkedHashMap<>();
        int entries;
    }

    private void read(String name, JsonNode entries, Map<String, Listed> read) {
        String service;
        try {
            service = ServiceSnapshot.empty(name, 0).service();
        } catch (IllegalArgumentException illegal) {
            rejected(name).tell("services." + name, String.valueOf(illegal.getMessage()));
            return;
        }
        if (!entries.isContainerNode()) {
            rejected(service).tell("services." + name, entries.getNodeType() + " (expected: a list of entries)");
        }
        Listed listed = read.computeIfAbsent(service, one -> new Listed());
        for (JsonNode entry : entries) {
            String place = "services." + service + "[" + listed.entries++ + "]";
            try {
                ServiceInstance instance = FileEntryReader.read(
                        service, entry, what -> rejected(service).tellLeftOut(place, what));
                if (listed.byId.putIfAbsent(instance.id(), instance) != null) {
                    throw new IllegalArgumentException("id '" + instance.id() + "' twice (expected: unique ids)");
                }
            } catch (RuntimeException bad) {
                rejected(service).tell(place, String.valueOf(bad.getMessage()));
            }
        }
    }

    private RejectedEntries rejected(String service) {
        return rejected.computeIfAbsent(service, name -> new RejectedEntries(name, later));
    }
}
