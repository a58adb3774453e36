// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What page, JSON, text and events are made of. The names of the components are the names of the fields in JSON, so they are API: new
 * ones go last, none is renamed while {@link #VERSION} stays. Moments are in ISO 8601, ratios and shares 0 to 1, words of a closed set
 * in lower case. Null says that something is not known.
 */
final class Model {
    /** The field {@code v} of every answer. */
    static final int VERSION = 1;

    private Model() {}

    /** Everything but the rows of instances. */
    record Status(
            int v,
            String at,
            Process process,
            List<RegistryRow> registries,
            List<RegistrationRow> registrations,
            List<Summary> services,
            List<Event> events,
            List<Finding> lint,
            List<ConfigRow> config) {}

    /** What a stream sends each second: what changes. {@code events} has those since the last one sent. */
    record Live(
            int v,
            String at,
            List<RegistryRow> registries,
            List<RegistrationRow> registrations,
            List<Summary> services,
            List<Event> events,
            List<Finding> lint) {}

    record Process(
            String service,
            long pid,
            @Nullable String host,
            long uptimeSeconds,
            @Nullable String sdk,
            String java,
            @Nullable String okhttp,
            List<String> registryModules) {}

    /** {@code state} is {@code live}, {@code interrupted}, {@code waiting}, or {@code idle} when no service is watched. */
    record RegistryRow(
            String uri,
            String state,
            @Nullable String since,
            @Nullable String lastError,
            @Nullable Double requestsPerMinute) {}

    record RegistrationRow(
            String service,
            String id,
            String address,
            String state,
            @Nullable String since,
            @Nullable String lastError,
            List<String> checks,
            long losses) {}

    /** One service in a line. RecentCounts and quantiles are of the last 10 to 15 seconds. */
    record Summary(
            String service,
            String policy,
            String source,
            @Nullable String sourceSince,
            double ageSeconds,
            long revision,
            @Nullable String changedAt,
            int held,
            int known,
            int usable,
            int ejected,
            boolean panic,
            @Nullable Double callsPerSecond,
            @Nullable Double errorRatio,
            @Nullable Double p50Millis,
            @Nullable Double p99Millis,
            int inFlight,
            @Nullable Double retryRatio,
            double retryBudget,
            long noInstance,
            @Nullable String lastError) {}

    /** One service whole. {@code instancesLeftOff} says how many rows a limit left out. */
    record Detail(
            int v,
            String at,
            Summary summary,
            List<InstanceRow> instances,
            int instancesLeftOff,
            Stages stages,
            @Nullable RoutesBlock routes,
            List<Pick> picks,
            List<Event> events) {}

    record InstanceRow(
            String id,
            String address,
            @Nullable String zone,
            @Nullable String version,
            List<String> tags,
            List<String> metadataKeys,
            String registryStatus,
            String state,
            String reason,
            String evidence,
            @Nullable String since,
            @Nullable Double nextProbeMillis,
            int weight,
            double effectiveWeight,
            Factors weightFactors,
            String tier,
            int inFlight,
            @Nullable Double latencyMillis,
            double successRatio,
            @Nullable Double share,
            double idealShare,
            long started,
            long failures,
            @Nullable LastFailure lastFailure) {}

    record Factors(double slowStart, double condition, int level, double portion) {}

    record LastFailure(String at, String text) {}

    record Stages(
            @Nullable Double rateTokens,
            double throttleRatio,
            @Nullable String serviceGuard,
            String serviceGuardReason) {}

    record RoutesBlock(long table, List<SubsetRow> subsets, List<LaneRow> lanes, List<MirrorRow> mirrors) {}

    record SubsetRow(String name, String predicate, int known, int usable, boolean panic) {}

    /** {@code share} is what the rule says, {@code realShare} what the subset got of the rule's calls. */
    record LaneRow(
            String rule,
            String subset,
            double share,
            @Nullable Double realShare,
            long calls,
            long keyless) {}

    record MirrorRow(
            String rule, long sent, long full, long body, long noInstance, long unable, long failed, int inFlight) {}

    /**
     * One attempt that ended while somebody watched. {@code kind} is {@code first} or {@code again}, which is a retry or a hedge; {@code
     * candidates} and {@code excluded} are empty, {@code policy} is null: nobody tells them.
     */
    record Pick(
            String at,
            String service,
            String instance,
            int attempt,
            String kind,
            List<Candidate> candidates,
            List<String> excluded,
            @Nullable String policy,
            String outcome,
            double millis) {}

    record Candidate(String id, double cost) {}

    record Event(
            String at,
            long seq,
            String service,
            @Nullable String instance,
            String kind,
            @Nullable String from,
            @Nullable String to,
            String text) {}

    record Finding(String code, String level, String where, String found, String expected, String fix) {}

    /** {@code key} is {@code idleAfter}, or {@code orders.policy} where one service has its own. {@code origin} is {@code service}, {@code common} or {@code default}. */
    record ConfigRow(String key, String value, String origin, String standard) {}

    /** Why each instance can take one call, or can not. */
    record Explained(
            int v,
            String at,
            String service,
            String policy,
            boolean panic,
            int known,
            int usable,
            List<String> routes,
            List<ExplainedRow> instances) {}

    record ExplainedRow(
            String id,
            String address,
            String state,
            boolean eligible,
            String reason,
            String tier,
            double tierRatio,
            double effectiveWeight,
            @Nullable String figure,
            String text) {}

    record EventPage(int v, String at, List<Event> events, long last) {}

    record Problem(int v, String error) {}

    record Done(int v, String action, List<String> done) {}
}
