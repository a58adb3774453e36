// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Remembers what a watch said. Safe for any thread. */
public final class RecordingSnapshots implements SnapshotListener {
    private final List<ServiceSnapshot> snapshots = new CopyOnWriteArrayList<>();
    private final List<RegistryException> interruptions = new CopyOnWriteArrayList<>();

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        snapshots.add(snapshot);
    }

    @Override
    public void onInterrupted(RegistryException cause) {
        interruptions.add(cause);
    }

    /** Every snapshot, oldest first. */
    public List<ServiceSnapshot> snapshots() {
        return List.copyOf(snapshots);
    }

    /** Every interruption, oldest first. */
    public List<RegistryException> interruptions() {
        return List.copyOf(interruptions);
    }

    /** The newest snapshot, or null before the first. */
    public @Nullable ServiceSnapshot last() {
        return snapshots.isEmpty() ? null : snapshots.get(snapshots.size() - 1);
    }

    /** Instances of the newest snapshot, sorted by id; empty before the first, so that a first list can be awaited. */
    public List<ServiceInstance> instances() {
        ServiceSnapshot last = last();
        return last == null ? List.of() : last.instances();
    }

    /** Ids in the newest snapshot, sorted; empty before the first. */
    public List<String> ids() {
        return instances().stream().map(ServiceInstance::id).toList();
    }
}
