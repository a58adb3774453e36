// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which instances of a service asked, by {@code Retry-After}, to be left alone for a while. Calls heed that while at least
 * half of the instances are neither out nor ask for it: to crowd the few that are left would bring these down too. Whoever
 * is called all the same answers as before, and the call goes elsewhere. Safe for any thread.
 */
final class Pleas {
    private final Set<Listing> asking = ConcurrentHashMap.newKeySet();
    private final EjectionQuota quota;

    Pleas(EjectionQuota quota) {
        this.quota = quota;
    }

    void add(Listing instance) {
        asking.add(instance);
    }

    void remove(Listing instance) {
        asking.remove(instance);
    }

    /** Forgets those whose time is over, also of instances that have left. */
    void forgetPast(long nowNanos) {
        asking.removeIf(instance -> !instance.isAsking(nowNanos));
    }

    boolean areHeeded() {
        int instances = quota.instances();
        return 2 * (instances - quota.ejected() - asking.size()) >= instances;
    }

    int size() {
        return asking.size();
    }
}
