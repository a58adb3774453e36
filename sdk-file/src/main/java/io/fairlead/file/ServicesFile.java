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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the file. Safe for any thread; one reads at a time. */
final class ServicesFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_BYTES = 32 << 20;

    private final Path path;
    private final EventListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, RejectedEntries> rejected = new HashMap<>(); // guarded by lock
    private final List<Runnable> untold = new ArrayList<>(); // guarded by lock
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

    /** The next {@link #readIfChanged} parses, whatever the bytes are. */
    void forget() {
        lock.lock();
        try {
            last = null;
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
        Set<String> names = new HashSet<>();
        services.properties().forEach(service -> {
            names.add(service.getKey());
            names.add(service.getKey().toLowerCase(Locale.ROOT));
            read(service.getKey(), service.getValue(), read);
        });
        rejected.keySet().retainAll(names);
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
        if (!entries.isContainerNode()) {
            rejected(service).tell("services." + name, entries.getNodeType() + " (expected: a list of entries)");
        }
        List<ServiceInstance> instances = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        int number = 0;
        for (JsonNode entry : entries) {
            String place = "services." + service + "[" + number + "]";
            try {
                ServiceInstance instance = EntryOfFile.read(
                        service, entry, leftOut -> rejected(service).tell(place, leftOut));
                if (!ids.add(instance.id())) {
                    throw new IllegalArgumentException("id '" + instance.id() + "' twice (expected: unique ids)");
                }
                instances.add(instance);
            } catch (RuntimeException bad) {
                rejected(service).tell(place, String.valueOf(bad.getMessage()));
            }
            number++;
        }
        read.put(service, instances);
    }

    private RejectedEntries rejected(String service) {
        return rejected.computeIfAbsent(
                service,
                name -> new RejectedEntries(
                        name,
                        EventListener.NONE,
                        (entry, reason) -> untold.add(() -> listener.onInstanceRejected(name, entry, reason))));
    }
}
