// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.KeyValue;
import io.fairlead.api.ServiceInstance;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The entries of one service as they stand, each read when it comes. Not thread-safe. */
final class ListedEntries {
    private final EntryReader reader;
    private final Map<String, ServiceInstance> byKey = new TreeMap<>();

    /** None yet. */
    ListedEntries(EntryReader reader) {
        this.reader = reader;
    }

    /** These, and no others. */
    void replace(List<KeyValue> entries) {
        byKey.clear();
        entries.forEach(this::put);
    }

    /** A new one, or a new value; one that can not be read is told and counts as absent. */
    void put(KeyValue entry) {
        remove(entry);
        ServiceInstance instance = reader.read(entry);
        if (instance != null) {
            byKey.put(EntryReader.key(entry), instance);
        }
    }

    void remove(KeyValue entry) {
        byKey.remove(EntryReader.key(entry));
    }

    /** What they say. Two keys may claim one id: the first key in order has it, and the other is told. */
    List<ServiceInstance> instances() {
        List<ServiceInstance> unique = new ArrayList<>(byKey.size());
        Set<String> ids = new HashSet<>();
        byKey.forEach((key, instance) -> {
            if (ids.add(instance.id())) {
                unique.add(instance);
            } else {
                reader.reject(key, "id '" + instance.id() + "' is taken by another key");
            }
        });
        return unique;
    }
}
