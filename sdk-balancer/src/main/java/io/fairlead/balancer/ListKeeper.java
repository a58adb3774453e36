// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which instances a service has, given what the registry says: the listed ones, and those it lacks for a suspect
 * reason. Guarded by the service's update lock.
 */
final class ListKeeper {
    private final OutagePolicy policy;
    private final Map<String, ServiceInstance> listed = new LinkedHashMap<>();
    private final Map<String, Held> held = new LinkedHashMap<>();

    private record Held(ServiceInstance instance, long sinceNanos) {}

    ListKeeper(OutagePolicy policy) {
        this.policy = policy;
    }

    /**
     * Adopts a list.
     *
     * @return the number of instances newly held
     */
    int adopt(ServiceSnapshot snapshot, boolean afterInterruption, long nowNanos) {
        Map<String, ServiceInstance> before = new LinkedHashMap<>(listed);
        listed.clear();
        for (ServiceInstance instance : snapshot.instances()) {
            listed.put(key(instance), instance);
            held.remove(key(instance));
        }
        if (!policy.enabled()) {
            return 0;
        }
        List<ServiceInstance> missing = new ArrayList<>();
        for (ServiceInstance instance : before.values()) {
            // A copy that moved or said it was leaving is not missing.
            if (!listed.containsKey(key(instance))
                    && instance.status() != InstanceStatus.DRAINING
                    && snapshot.instances().stream()
                            .noneMatch(other -> other.id().equals(instance.id()))) {
                missing.add(instance);
            }
        }
        boolean mostGone = missing.size() >= 2 && missing.size() * 2 > before.size();
        if (!afterInterruption && !mostGone) {
            return 0;
        }
        missing.forEach(instance -> held.put(key(instance), new Held(instance, nowNanos)));
        return missing.size();
    }

    /** Lets go of what was held longer than the grace; true when something was. */
    boolean expire(long nowNanos) {
        long grace = policy.grace().toNanos();
        return held.values().removeIf(entry -> nowNanos - entry.sinceNanos >= grace);
    }

    /** Every held instance refuses connections: they are gone indeed. */
    void releaseAll() {
        held.clear();
    }

    /** Neither listed nor held: the list is older than it may be. */
    void forgetAll() {
        listed.clear();
        held.clear();
    }

    boolean holdsAny() {
        return !held.isEmpty();
    }

    boolean holds(ServiceInstance instance) {
        return held.containsKey(key(instance));
    }

    /** Listed and held instances, sorted by id. */
    List<ServiceInstance> instances() {
        List<ServiceInstance> all = new ArrayList<>(listed.values());
        held.values().forEach(entry -> all.add(entry.instance));
        all.sort((a, b) -> a.id().compareTo(b.id()));
        return all;
    }

    static String key(ServiceInstance instance) {
        return instance.id() + " " + instance.authority();
    }
}
