// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.EventListener;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.ServiceStatistics.Ejection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows from lists and evaluations and is to be told: votes and events, which reach guards and listeners. Belongs to
 * the service's updates, which note things here one after another, until it is {@link #complete}; then nobody writes any more,
 * and one thread tells.
 */
final class Announcements {
    private final boolean toldPanic;
    private final boolean toldDegraded;
    private @Nullable ServiceSnapshot list;
    private int held;
    private String heldReason = "";
    private @Nullable Release release;
    private List<InstanceState> review;

    // The rest is written last.
    private final List<PeerComparison.Outlier> outliers = new ArrayList<>();
    private final List<HealthLevels.Change> levelChanges = new ArrayList<>();
    private List<InstanceState> members = List.of();
    private List<AddressFilter.Rejection> rejections = List.of();
    private boolean panics;
    private boolean isDegraded;
    private long nowNanos;

    /** Instances that are held no longer, and why. */
    record Release(int instances, String reason) {}

    private Announcements(boolean toldPanic, boolean toldDegraded, List<InstanceState> review) {
        this.toldPanic = toldPanic;
        this.toldDegraded = toldDegraded;
        this.review = review;
    }

    /** Those of a new service. */
    static Announcements first() {
        return new Announcements(false, false, List.of());
    }

    /** A list was adopted. Of several that nobody has told yet the last one is told, and all that came to be held. */
    void listed(ServiceSnapshot next, int newlyHeld, String reason) {
        list = next;
        held += newlyHeld;
        heldReason = reason;
    }

    void released(@Nullable Release more) {
        Release before = release;
        if (more != null) {
            release = before == null ? more : new Release(before.instances() + more.instances(), more.reason());
        }
    }

    /** Instances whose condition is to be looked at. */
    void review(List<InstanceState> states) {
        review = states;
    }

    /**
     * Nothing more is noted here.
     *
     * @return where what follows is noted
     */
    Announcements complete(
            List<InstanceState> all,
            List<Cohort> cohorts,
            List<AddressFilter.Rejection> rejected,
            boolean isPanic,
            long atNanos) {
        members = all;
        rejections = rejected;
        panics = isPanic;
        nowNanos = atNanos;
        for (Cohort cohort : cohorts) {
            isDegraded |= cohort.isDegraded();
            outliers.addAll(cohort.takeOutliers());
            levelChanges.addAll(cohort.takeLevelChanges());
        }
        return new Announcements(isPanic, isDegraded, review);
    }

    /** All members at that moment. */
    List<InstanceState> members() {
        return members;
    }

    /** Tells all but {@link #tellHeld}. */
    void tell(String service, AddressFilter addresses, EventListener listener) {
        addresses.tell(rejections);
        if (list != null) {
            listener.onSnapshot(list);
        }
        if (release != null) {
            listener.onInstancesReleased(service, release.instances(), release.reason());
        }
        if (panics != toldPanic) {
            listener.onPanic(service, panics);
        }
        if (isDegraded != toldDegraded) {
            listener.onServiceDegraded(service, isDegraded);
        }
        levelChanges.forEach(change -> listener.onWeightLevelChanged(
                change.state().instance(), change.from(), change.to(), change.evidence()));
        // Worst first: when the cap leaves no room for all, the others stay.
        outliers.forEach(outlier -> outlier.state().condition().trip(Ejection.PEERS, outlier.evidence(), nowNanos));
        review.forEach(state -> state.condition().review(nowNanos));
    }

    void tellHeld(String service, EventListener listener) {
        if (held > 0) {
            listener.onInstancesHeld(service, held, heldReason);
        }
    }
}
