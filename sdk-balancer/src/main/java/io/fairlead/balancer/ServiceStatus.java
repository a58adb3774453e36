// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.RouteFacts;
import io.fairlead.api.ServiceInstance;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the balancer knows of one service at one moment. An immutable value.
 *
 * @param service the service
 * @param policy name of its balancing policy
 * @param list how current its list is
 * @param panic whether so few instances are usable, of all or of a subset, that all of them are used
 * @param retryBudget retries left
 * @param instances by id
 * @param stages what a call passes before its first attempt
 * @param routes where rules send its calls; null when it has none
 */
public record ServiceStatus(
        String service,
        String policy,
        ListView list,
        boolean panic,
        double retryBudget,
        List<InstanceView> instances,
        Stages stages,
        @Nullable RoutesView routes) {

    /** Copies the list. */
    public ServiceStatus {
        instances = List.copyOf(instances);
    }

    /**
     * How current the list of a service is. An immutable value.
     *
     * @param source where it comes from
     * @param sourceFor for how long it has come from there
     * @param age since the registry last sent or confirmed it. A registry that only speaks when something changes lets it grow:
     *     what is wrong shows in {@code source}
     * @param unchangedFor since it last changed
     * @param held how many of its instances the registry no longer lists
     * @param revision of it, as the registry counts
     * @param lastError why the watch is interrupted, or null
     */
    public record ListView(
            ListSource source,
            Duration sourceFor,
            Duration age,
            Duration unchangedFor,
            int held,
            long revision,
            @Nullable String lastError) {}

    /** Whether the registry, or a list kept on disk, has answered at least once. */
    public boolean ready() {
        return list.source() != ListSource.WAITING;
    }

    /** Whether the list may be old: the watch is interrupted, or the list is one kept on disk. */
    public boolean stale() {
        return list.lastError() != null || list.source() == ListSource.STORED;
    }

    /** Since the registry last sent or confirmed the list. */
    public Duration age() {
        return list.age();
    }

    /** Why the watch is interrupted, or null. */
    public @Nullable String lastError() {
        return list.lastError();
    }

    /** Of the list, as the registry counts. */
    public long revision() {
        return list.revision();
    }

    /**
     * What the stages of a service stand at. An immutable value.
     *
     * @param rateTokens calls the rate limit would let through now; below zero while calls wait for their token, infinity when
     *     there is no limit
     * @param throttleRatio share of calls the throttle rejects now, 0 to 1
     * @param serviceGuard where the guard of the whole service stands; null when there is none
     * @param serviceGuardReason why, in words for people: also what one that only measures would have done; empty when there is
     *     nothing to say
     */
    public record Stages(
            double rateTokens,
            double throttleRatio,
            @Nullable GuardState serviceGuard,
            String serviceGuardReason) {}

    /**
     * What the routes of a service do now. An immutable value.
     *
     * @param table the number of the table in force, as in {@link RouteFacts#table}
     * @param subsets in the order of the routes
     * @param lanes one for each rule and subset that its calls are sent to, in order
     * @param mirrors one for each rule that has a mirror, in order
     */
    public record RoutesView(long table, List<SubsetView> subsets, List<LaneView> lanes, List<MirrorView> mirrors) {
        /** Copies the lists. */
        public RoutesView {
            subsets = List.copyOf(subsets);
            lanes = List.copyOf(lanes);
            mirrors = List.copyOf(mirrors);
        }
    }

    /**
     * One subset now. An immutable value.
     *
     * @param name its name in the routes
     * @param predicate what its instances have, as in {@code version v2}
     * @param known how many instances belong to it
     * @param usable how many of them take calls
     * @param panic whether so few do that all are used
     */
    public record SubsetView(String name, String predicate, int known, int usable, boolean panic) {}

    /**
     * The calls that one rule sends to one subset. An immutable value.
     *
     * @param rule its name, {@code default} for those that no rule matches
     * @param subset the subset they are assigned to
     * @param share the part of the rule's calls that goes there now, 0 to 1
     * @param calls how many were assigned so far; counts go on over changes that keep both names
     * @param keyless those of them that lacked the key by which the rule draws
     */
    public record LaneView(String rule, String subset, double share, long calls, long keyless) {}

    /**
     * What became of the calls of one rule that its mirror was to get a copy of. Calls that were not drawn, or have another
     * method, count nowhere. An immutable value.
     *
     * @param rule its name; counts go on as long as the rule has a mirror
     * @param sent copies that were sent
     * @param full calls without a copy because as many as the mirror allows were under way
     * @param body calls without a copy because of their body: too large, of unknown length, or not to be sent twice
     * @param noInstance calls without a copy because no instance of the mirror's subset was usable
     * @param unable calls without a copy because the client could send none
     * @param failed those of {@code sent} that got no answer in time
     * @param inFlight those of {@code sent} that are under way
     */
    public record MirrorView(
            String rule, long sent, long full, long body, long noInstance, long unable, long failed, int inFlight) {}

    /**
     * What the balancer knows of one instance at one moment, for pages and messages. An immutable value.
     *
     * @param instance the instance as the registry has it
     * @param guardState where its guard stands
     * @param guardReason why, in words for people, empty when there is nothing to say
     * @param nanosToProbe nanoseconds until the guard lets a probe through, 0 when it is not waiting
     * @param effectiveWeight registry weight × the smallest of slow start, condition and dynamic level × the part of the
     *     instance that is in this process's portion; in panic registry weight × that part
     * @param inFlight attempts started and not yet closed
     * @param latencyNanos time to headers that must be expected, 0 when unknown
     * @param successRatio moving average of success, from 0 to 1
     * @param started attempts started so far; for a moment a few too many while some of them fail
     * @param failures attempts that failed so far
     * @param suspect whether the registry no longer lists it and it is held until confirmed
     * @param health its one health state, and why
     * @param concurrencyLimit how many attempts it may have in flight now; {@link Integer#MAX_VALUE} when any number
     */
    public record InstanceView(
            ServiceInstance instance,
            GuardState guardState,
            String guardReason,
            long nanosToProbe,
            double effectiveWeight,
            int inFlight,
            long latencyNanos,
            double successRatio,
            long started,
            long failures,
            boolean suspect,
            InstanceHealth health,
            int concurrencyLimit) {}
}
