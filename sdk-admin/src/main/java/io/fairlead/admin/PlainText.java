// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.ConfigRow;
import io.fairlead.admin.Model.Detail;
import io.fairlead.admin.Model.Event;
import io.fairlead.admin.Model.InstanceRow;
import io.fairlead.admin.Model.Status;
import io.fairlead.admin.Model.Summary;
import io.fairlead.balancer.ListSource;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The same as the page, for terminals. */
final class PlainText {
    private static final int MOST_EVENTS = 20;
    private static final String LIVE = EventLog.word(ListSource.LIVE);

    private PlainText() {}

    static String of(Status status) {
        StringBuilder text = new StringBuilder(headline(status) + "\n");
        text.append("at ")
                .append(status.at())
                .append(", ")
                .append(process(status.process()))
                .append("\n");
        section(text, "Registries");
        TextTable registries = new TextTable("REGISTRY", "STATE", "SINCE", "LAST ERROR");
        status.registries().forEach(row -> registries.row(row.uri(), row.state(), row.since(), row.lastError()));
        registries.writeTo(text);
        section(text, "Services");
        services(status.services()).writeTo(text);
        section(text, "Own registrations");
        TextTable registrations = new TextTable("SERVICE", "ID", "ADDRESS", "STATE", "LOST", "LAST ERROR");
        status.registrations()
                .forEach(row -> registrations.row(
                        row.service(),
                        row.id(),
                        row.address(),
                        row.state(),
                        String.valueOf(row.losses()),
                        row.lastError()));
        registrations.writeTo(text);
        section(text, "Set-up");
        status.lint()
                .forEach(row -> text.append(clean(row.code() + " " + row.level() + " " + row.where() + ": "
                                + row.found() + " (expected: " + row.expected() + "). " + row.fix() + "."))
                        .append('\n'));
        text.append(status.lint().isEmpty() ? "nothing found\n" : "");
        events(text, status.events());
        section(text, "Options that are not default");
        status.config().stream()
                .filter(row -> !row.value().equals(row.standard()))
                .forEach(row -> text.append(config(row)).append('\n'));
        return text.toString();
    }

    /** One sentence that says who has trouble. */
    private static String headline(Status status) {
        List<String> lists = status.services().stream()
                .filter(row -> !row.source().equals(LIVE))
                .map(row -> row.service() + " " + row.source())
                .toList();
        List<String> callees = status.services().stream()
                .filter(row -> row.panic() || row.ejected() > 0 || row.usable() == 0)
                .map(row -> row.service()
                        + (row.panic() ? " in panic" : " " + row.usable() + "/" + row.known() + " usable"))
                .toList();
        return clean("registry: " + (lists.isEmpty() ? "OK" : String.join(", ", lists)) + " | services: "
                + (callees.isEmpty() ? "OK" : String.join(", ", callees)));
    }

    private static String process(Model.Process process) {
        return clean((process.service().isEmpty() ? "" : process.service() + ", ") + "process " + process.pid()
                + (process.host() == null ? "" : " on " + process.host()) + ", up " + process.uptimeSeconds()
                + " s, Java "
                + process.java());
    }

    private static TextTable services(List<Summary> rows) {
        TextTable table = new TextTable(
                "SERVICE",
                "SOURCE",
                "USABLE",
                "OUT",
                "PANIC",
                "CALLS/S",
                "ERRORS",
                "P50 MS",
                "P99 MS",
                "RETRIES",
                "IN FLIGHT",
                "POLICY",
                "LAST ERROR");
        rows.forEach(row -> table.row(
                row.service(),
                row.source(),
                row.usable() + "/" + row.known(),
                String.valueOf(row.ejected()),
                row.panic() ? "PANIC" : "no",
                number(row.callsPerSecond()),
                percent(row.errorRatio()),
                number(row.p50Millis()),
                number(row.p99Millis()),
                percent(row.retryRatio()),
                String.valueOf(row.inFlight()),
                row.policy(),
                row.lastError()));
        return table;
    }

    static String of(Detail detail) {
        Summary summary = detail.summary();
        StringBuilder text = new StringBuilder();
        services(List.of(summary)).writeTo(text);
        text.append(clean("list: " + summary.source() + " since " + summary.sourceSince() + ", revision "
                        + summary.revision() + ", age " + number(summary.ageSeconds()) + " s, held " + summary.held()))
                .append('\n');
        section(text, "Instances");
        TextTable table = new TextTable(
                "ID",
                "ADDRESS",
                "STATE",
                "WHY",
                "NEXT PROBE",
                "SHARE",
                "IDEAL",
                "WEIGHT",
                "IN FLIGHT",
                "MS",
                "SUCCESS",
                "ZONE",
                "VERSION",
                "LAST FAILURE");
        detail.instances().forEach(row -> instance(table, row));
        table.writeTo(text);
        if (detail.instancesLeftOff() > 0) {
            text.append("and ").append(detail.instancesLeftOff()).append(" more\n");
        }
        Model.RoutesBlock routes = detail.routes();
        if (routes != null) {
            section(text, "Routes, table " + routes.table());
            TextTable lanes = new TextTable("RULE", "SUBSET", "SHARE", "REAL", "CALLS", "WITHOUT KEY");
            routes.lanes()
                    .forEach(lane -> lanes.row(
                            lane.rule(),
                            lane.subset(),
                            percent(lane.share()),
                            percent(lane.realShare()),
                            String.valueOf(lane.calls()),
                            String.valueOf(lane.keyless())));
            lanes.writeTo(text);
        }
        events(text, detail.events());
        return text.toString();
    }

    private static void instance(TextTable table, InstanceRow row) {
        table.row(
                row.id(),
                row.address(),
                row.state().toUpperCase(Locale.ROOT),
                row.reason() + (row.evidence().isEmpty() ? "" : " (" + row.evidence() + ")"),
                row.nextProbeMillis() == null ? null : number(row.nextProbeMillis() / 1e3) + " s",
                percent(row.share()),
                percent(row.idealShare()),
                number(row.effectiveWeight()),
                String.valueOf(row.inFlight()),
                number(row.latencyMillis()),
                percent(row.successRatio()),
                row.zone(),
                row.version(),
                row.lastFailure() == null
                        ? null
                        : row.lastFailure().at() + " " + row.lastFailure().text());
    }

    private static void events(StringBuilder text, List<Event> events) {
        section(text, "Events, newest first");
        events.stream()
                .limit(MOST_EVENTS)
                .forEach(event -> text.append(clean(event.at() + "  " + event.service()
                                + (event.instance() == null ? "" : "/" + event.instance()) + "  " + event.kind() + "  "
                                + (event.from() == null ? "" : event.from() + " → " + event.to() + "  ")
                                + event.text()))
                        .append('\n'));
    }

    private static String config(ConfigRow row) {
        return clean(row.key() + " = " + row.value() + " (" + row.origin() + "; default " + row.standard() + ")");
    }

    private static void section(StringBuilder text, String title) {
        text.append('\n').append(title).append('\n');
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(@Nullable Double ratio) {
        return ratio == null ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * ratio);
    }

    /** Others' words stay in their line and turn nothing in a terminal. */
    static String clean(String text) {
        return text.codePoints()
                .map(c -> switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SURROGATE,
                            Character.FORMAT -> '?';
                    default -> c;
                })
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
