// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Hears a watch, and notes the first list that lacks somebody who was there all the time. Safe for any thread. */
final class Heard implements SnapshotListener {
    private final Set<String> always;
    private volatile @Nullable Set<String> hosts;
    private volatile @Nullable RegistryException interruption;
    private volatile @Nullable String lost;

    /** @param always hosts that are listed at any time */
    Heard(Set<String> always) {
        this.always = always;
    }

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        Set<String> now = new TreeSet<>();
        snapshot.instances().stream().map(ServiceInstance::host).forEach(now::add);
        if (lost == null && !now.containsAll(always)) {
            lost = "of " + always + " only " + now + " are in revision " + snapshot.revision();
        }
        hosts = now;
        interruption = null;
    }

    @Override
    public void onInterrupted(RegistryException cause) {
        interruption = cause;
    }

    /** Whether the last list has exactly these, and the watch works. */
    boolean has(Set<String> expected) {
        return interruption == null && expected.equals(hosts);
    }

    /** What is wrong for good, or null. */
    @Nullable
    String lost() {
        return lost;
    }

    @Override
    public String toString() {
        return "heard " + hosts + (interruption == null ? "" : ", interrupted: " + interruption.getMessage());
    }
}
