// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.EventListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What follows from an evaluation or a list: votes and events, which reach guards and listeners. */
record Announcements(
        List<InstanceState> members,
        List<InstanceState> review,
        List<PeerComparison.Outlier> outliers,
        List<HealthLevels.Change> levelChanges,
        @Nullable Boolean panic,
        @Nullable Boolean degraded,
        @Nullable Release release,
        long nowNanos) {

    void tell(String service, EventListener listener) {
        if (release != null) {
            listener.onInstancesReleased(service, release.instances(), release.reason());
        }
        if (panic != null) {
            listener.onPanic(service, panic);
        }
        if (degraded != null) {
            listener.onServiceDegraded(service, degraded);
        }
        levelChanges.forEach(change -> listener.onWeightLevelChanged(
                change.state().instance(), change.from(), change.to(), change.evidence()));
        // Worst first: when the cap leaves no room for all, the others stay.
        outliers.forEach(outlier -> outlier.state().condition().trip("peers", outlier.evidence(), nowNanos));
        review.forEach(state -> state.condition().review(nowNanos));
    }

    /** Instances that are held no longer, and why. */
    record Release(int instances, String reason) {}
}
