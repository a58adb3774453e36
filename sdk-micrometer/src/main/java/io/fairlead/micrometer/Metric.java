// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import org.jspecify.annotations.Nullable;

/** The metrics, whose names are a promise: dashboards and alert rules ask for them. The table in the docs is made of this. */
enum Metric {
    CALLS("calls", Kind.COUNTER, null, "result", "Calls that ended, as their callers saw them."),
    CALL_DURATION(
            "call.duration",
            Kind.HISTOGRAM,
            "seconds",
            "",
            "From a call that had an attempt to the headers it ended with."),
    ATTEMPTS("attempts", Kind.COUNTER, null, "outcome, kind", "Attempts that ended: first, retry or hedge."),
    ATTEMPT_DURATION(
            "attempt.duration", Kind.HISTOGRAM, "seconds", "", "From an attempt to its headers or its failure."),
    REJECTIONS("rejections", Kind.COUNTER, null, "stage", "Calls ended on this side, by the stage."),
    NO_INSTANCE("no.instance", Kind.COUNTER, null, "reason", "Calls that found no instance, by why."),
    RETRY_BUDGET("retry.budget", Kind.GAUGE, null, "", "Retries that the budget has left."),
    RETRY_EXHAUSTED("retry.exhausted", Kind.COUNTER, null, "", "Calls not tried again because the budget was spent."),
    INSTANCES("instances", Kind.GAUGE, null, "state", "Instances in each state of health."),
    EJECTIONS(
            "ejections",
            Kind.COUNTER,
            null,
            "reason",
            "Instances taken out: by their guard, for being worse than peers, by a check."),
    PANIC("panic", Kind.GAUGE, null, "", "1 while so few instances are usable that all are used, else 0."),
    IN_FLIGHT("in.flight", Kind.GAUGE, null, "", "Attempts that began and have not ended."),
    LIST_STATE(
            "list.state",
            Kind.GAUGE,
            null,
            "state",
            "1 for where the list of instances comes from now, 0 for the others."),
    LIST_AGE(
            "list.age",
            Kind.GAUGE,
            "seconds",
            "",
            "Since the registry last sent or confirmed the list; alert on the state, as a quiet list ages too."),
    LIST_CHANGES("list.changes", Kind.COUNTER, null, "", "Lists taken up."),
    LIST_INTERRUPTIONS("list.interruptions", Kind.COUNTER, null, "", "How often the watch was interrupted."),
    LIST_REJECTED(
            "list.rejected",
            Kind.COUNTER,
            null,
            "",
            "Instances of lists left out because their address may not be called."),
    REGISTRATION_STATE("registration.state", Kind.GAUGE, null, "state", "Own registrations in each state."),
    REGISTRATION_LOST(
            "registration.lost",
            Kind.COUNTER,
            null,
            "",
            "How often the registry lost own registrations that are open."),
    SUBSET_CALLS("subset.calls", Kind.COUNTER, null, "subset", "Calls that rules gave to each subset."),
    SUBSET_WEIGHT_RATIO(
            "subset.weight.ratio", Kind.GAUGE, null, "subset", "The part of calls each subset should get, 0 to 1."),
    OKHTTP_QUEUED("okhttp.queued", Kind.GAUGE, null, "", "Calls that wait in the dispatcher of OkHttp."),
    CALLBACKS_FAILED("callbacks.failed", Kind.COUNTER, null, "", "Callbacks of the application that threw."),
    INSTANCE_ATTEMPTS("instance.attempts", Kind.COUNTER, null, "fairlead.instance, zone", "Attempts on one instance."),
    INSTANCE_IN_FLIGHT(
            "instance.in.flight",
            Kind.GAUGE,
            null,
            "fairlead.instance, zone",
            "Attempts on one instance that have not ended."),
    INSTANCE_LATENCY(
            "instance.latency",
            Kind.GAUGE,
            "seconds",
            "fairlead.instance, zone",
            "The time to headers that must be expected of it."),
    INSTANCE_WEIGHT("instance.weight", Kind.GAUGE, null, "fairlead.instance, zone", "Its weight now."),
    INSTANCE_SERVING(
            "instance.serving",
            Kind.GAUGE,
            null,
            "fairlead.instance, zone",
            "1 while ordinary calls go to it, else 0.");

    /** What kind of metric it is. */
    enum Kind {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    private final String name;
    private final Kind kind;
    private final @Nullable String unit;
    private final String tags;
    private final String description;

    Metric(String name, Kind kind, @Nullable String unit, String tags, String description) {
        this.name = name;
        this.kind = kind;
        this.unit = unit;
        this.tags = tags;
        this.description = description;
    }

    String meterName() {
        return "fairlead." + name;
    }

    Kind kind() {
        return kind;
    }

    boolean isCounter() {
        return kind == Kind.COUNTER;
    }

    @Nullable
    String unit() {
        return unit;
    }

    /** The tags besides that of the service, in words for the docs. */
    String tags() {
        return tags;
    }

    String description() {
        return description;
    }

    /** As Prometheus has it. */
    String prometheusName() {
        String plain = meterName().replace('.', '_') + (unit == null ? "" : '_' + unit);
        return isCounter() ? plain + "_total" : plain;
    }

    /** Whether it is of the process and of no service. */
    boolean isOfProcess() {
        return this == OKHTTP_QUEUED || this == CALLBACKS_FAILED;
    }

    boolean isPerInstance() {
        return compareTo(INSTANCE_ATTEMPTS) >= 0;
    }
}
