// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.List;

/**
 * All instances of one service at one moment, in a stable order. An immutable value, safe for any thread.
 *
 * @param service the service, lower case
 * @param revision grows with every change seen by one watch; comparable only within that watch
 * @param instances what the registry lists, in every {@link InstanceStatus}, sorted by id; ids are unique
 */
public record ServiceSnapshot(String service, long revision, List<ServiceInstance> instances) {

    /**
     * Copies and sorts the instances.
     *
     * @throws IllegalArgumentException when an instance belongs to another service or two share an id
     */
    public ServiceSnapshot {
        String name = Names.requireService(service);
        if (revision < 0) {
            throw new IllegalArgumentException("revision of '" + name + "': " + revision + " (expected: 0 or more)");
        }
        service = name;
        instances =
                instances.stream().sorted((a, b) -> a.id().compareTo(b.id())).toList();
        for (int i = 0; i < instances.size(); i++) {
            ServiceInstance instance = instances.get(i);
            if (!instance.service().equals(name)) {
                throw new IllegalArgumentException(
                        "instance of '" + instance.service() + "' in a snapshot of '" + name + "'");
            }
            if (i > 0 && instance.id().equals(instances.get(i - 1).id())) {
                throw new IllegalArgumentException(
                        "id: " + Names.quote(instance.id()) + " twice in '" + name + "' (expected: unique ids)");
            }
        }
    }

    /** A snapshot without instances. */
    public static ServiceSnapshot empty(String service, long revision) {
        return new ServiceSnapshot(service, revision, List.of());
    }

    /** True when no instance is listed. */
    public boolean isEmpty() {
        return instances.isEmpty();
    }
}
