// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static io.fairlead.faults.RoutedLoad.arrived;
import static io.fairlead.faults.RoutedLoad.users;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.samples.demo.HttpInstance;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.server.RegistryServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What teams do today with a proxy's tables, done by a document under a key of a real registry; the servers count. */
class RoutingIT {
    private static final Map<String, RegistryServer> SERVERS = new HashMap<>();
    private static final String SUBSETS = """
            apiVersion: fairlead/v1
            version: %s
            services:
              orders:
                subsets: {v1: {version: v1}, v2: {version: v2}, canary: {tags: [canary]}, blue: {tags: [blue]}}
            """;
    private static final int CALLS = 300;

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(RegistryServer::close);
        SERVERS.clear();
    }

    private static RegistryServer server(String kind) {
        return SERVERS.computeIfAbsent(kind, Rig::server);
    }

    private static String document(String version, String more) {
        return SUBSETS.formatted(version) + more.indent(4);
    }

    /** Nginx and Lua: who has the header goes to the canary, nobody else does. */
    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void whoHasTheHeaderGoesToTheCanaryAndNobodyElse(String kind) throws Exception {
        String table = document("header-1", """
                rules:
                  - {name: testers, match: {headers: {X-User-Tag: canary}}, to: canary, fallback: [v1]}
                default: {to: v1, fallback: none}
                """);
        try (RoutedLoad calls = new RoutedLoad(server(kind), table)) {
            calls.awaitCalls(3 * CALLS);
            long failed = calls.end();
            int testers = arrived(calls.fresh, 1, "tester");
            int others = arrived(calls.old, 1, "other");
            int strays = arrived(calls.fresh, 1, "other") + arrived(calls.old, 1, "tester");
            record(
                    named(kind, "F64"),
                    kind + ", a header table: X-User-Tag: canary goes to the canary",
                    "0 failed; 0 calls outside the subset of their rule",
                    failed + " failed; " + testers + " testers' and " + others + " others' calls, " + strays
                            + " outside",
                    failed == 0 && strays == 0);
            assertThat(failed + strays).isZero();
            assertThat(testers).isBetween(others / 5, others / 3);
        }
    }

    /** A weight in Redis: one key is written, and the split is another. */
    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void aWeightIsChangedByWritingOneKey(String kind) throws Exception {
        try (RoutedLoad calls = new RoutedLoad(server(kind), weight(10))) {
            List<Double> times = new ArrayList<>();
            calls.awaitCalls(CALLS);
            for (int weight : List.of(50, 0, 100)) {
                times.add(calls.rewrite(weight(weight)));
                calls.awaitCalls(CALLS);
            }
            long failed = calls.end();
            List<Integer> shares = new ArrayList<>();
            int twofold = 0;
            for (int phase = 1; phase <= 4; phase++) {
                int canary = arrived(calls.fresh, phase, "");
                shares.add(Math.round(100f * canary / (canary + arrived(calls.old, phase, ""))));
                TreeSet<String> both = new TreeSet<>(users(calls.fresh, phase));
                both.retainAll(users(calls.old, phase));
                twofold += both.size();
            }
            double slowest =
                    times.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
            boolean grows = users(calls.fresh, 2).containsAll(users(calls.fresh, 1));
            boolean whole = shares.get(2) == 0 && shares.get(3) == 100;
            record(
                    named(kind, "F65"),
                    kind + ", the weight of the canary is written to one key: 10, 50, 0, 100 % of a hundred users",
                    "0 failed; in force ≤ 2 s; nobody at both versions; who was at the canary stays as it grows; 0 % is none, 100 % all",
                    failed + " failed; in force after " + seconds(slowest) + " at worst; " + shares + " % of calls; "
                            + twofold + " users at both; " + (grows ? "all stayed" : "some left"),
                    within(slowest, 2) & failed == 0 & twofold == 0 & grows & whole);
            assertThat(failed + twofold).isZero();
            assertThat(grows).isTrue();
            assertThat(whole).as(shares::toString).isTrue();
            assertThat(shares.get(0)).isBetween(2, 25);
            assertThat(shares.get(1)).isBetween(25, 75);
        }
    }

    private static String weight(int weight) {
        return document("weight-" + weight, """
                rules:
                  - name: split
                    to: [{subset: canary, weight: %d}, {subset: v1, weight: %d}]
                    by: {header: X-User-Id}
                    fallback: [v1]
                default: {to: v1, fallback: none}
                """.formatted(weight, 100 - weight));
    }

    /** A VirtualService: 90/10 below a path; then the tenth dies, and callers are answered by the others. */
    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void ninetyAndTenAndTheTenthDies(String kind) throws Exception {
        String table = document("virtual-1", """
                rules:
                  - name: split
                    match: {method: [GET], path: {prefix: /v1}}
                    to: [{subset: v2, weight: 10}, {subset: v1, weight: 90}]
                    fallback: [v1]
                    tell: true
                default: {to: v1, fallback: none}
                """);
        try (RoutedLoad calls = new RoutedLoad(server(kind), table)) {
            calls.awaitCalls(2 * CALLS);
            calls.nextPhase(() -> calls.fresh.forEach(HttpInstance::kill));
            calls.awaitCalls(2 * CALLS);
            long failed = calls.end();
            int canary = arrived(calls.fresh, 1, "");
            int all = canary + arrived(calls.old, 1, "");
            double share = (double) canary / all;
            // Each call says which subset it was sent to: one that arrived elsewhere, or took no rule, is told apart.
            Set<String> toFresh = routes(calls.fresh);
            Set<String> toOld = routes(calls.old);
            boolean isInside = toFresh.equals(Set.of("split/v2")) && toOld.equals(Set.of("split/v1"));
            record(
                    named(kind, "F66"),
                    kind + ", 90/10 below a path; then both instances of the tenth are killed, with a fallback",
                    "0 failed; 10 ± 5 % of the calls before (4 σ); each call at an instance of the subset it names",
                    failed + " failed; " + FaultLog.percent(share) + " of " + all + " before, "
                            + arrived(calls.old, 2, "") + " calls answered by the others after; v2 got " + toFresh
                            + ", v1 " + toOld,
                    failed == 0 && isInside && Math.abs(share - 0.1) <= 0.05);
            assertThat(failed).isZero();
            assertThat(toFresh).containsExactly("split/v2");
            assertThat(toOld).containsExactly("split/v1");
            assertThat(share).isBetween(0.03, 0.2);
        }
    }

    /** The upstream in a file of Nginx's: blue, then green, and back. */
    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void blueBecomesGreenAndBlueAgain(String kind) throws Exception {
        try (RoutedLoad calls = new RoutedLoad(server(kind), all("blue", "bg-1"))) {
            calls.awaitCalls(CALLS);
            double there = calls.rewrite(all("v2", "bg-2"));
            calls.awaitCalls(CALLS);
            double back = calls.rewrite(all("blue", "bg-3"));
            calls.awaitCalls(CALLS);
            long failed = calls.end();
            int strays = arrived(calls.fresh, 1, "") + arrived(calls.old, 2, "") + arrived(calls.fresh, 3, "");
            record(
                    named(kind, "F67"),
                    kind + ", blue becomes green by a document written anew, and blue again",
                    "0 failed; in force ≤ 2 s; 0 calls at the other colour from then on",
                    failed + " failed; in force after " + seconds(there) + " and " + seconds(back) + "; " + strays
                            + " at the other colour, of " + arrived(calls.old, 1, "") + ", "
                            + arrived(calls.fresh, 2, "") + " and " + arrived(calls.old, 3, ""),
                    within(there, 2) & within(back, 2) & failed == 0 & strays == 0);
            assertThat(failed + strays).isZero();
        }
    }

    private static String all(String subset, String version) {
        return document(version, "default: {to: " + subset + ", fallback: none}");
    }

    /** A key as configuration: how often a call is sent, and how long it may take. */
    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void retriesAndTimeoutsAreChangedByWritingOneKey(String kind) throws Exception {
        List<HttpInstance> ill = new ArrayList<>();
        try (RoutedLoad calls = new RoutedLoad(server(kind), times("times-1", 2, "300ms"));
                HttpInstance slow = RoutedLoad.instance("slow-1")) {
            slow.slowBy(Duration.ofMillis(900));
            calls.register("slow", slow, "v1", "blue");
            for (int i = 1; i <= 4; i++) {
                HttpInstance one = RoutedLoad.instance("ill-" + i);
                one.fail(1, 503);
                ill.add(one);
                calls.register("ill", one, "v1", "blue");
            }
            Load.await(() -> calls.ids("ill") == 4 && calls.ids("slow") == 1);
            String early = calls.call("slow");
            calls.call("ill");
            int twice = served(ill);
            double inForce = calls.rewrite(times("times-2", 4, "5s"));
            String late = calls.call("slow");
            calls.call("ill");
            int fourTimes = served(ill) - twice;
            long failed = calls.end();
            boolean isSo = !early.equals("200") && late.equals("200") && twice == 2 && fourTimes == 4;
            record(
                    named(kind, "F68"),
                    kind + ", one key changes the attempts of a service from 2 to 4, and a timeout from 0.3 to 5 s",
                    "0 failed beside it; in force ≤ 2 s; a call arrives twice, then four times; an answer of 0.9 s fails, then not",
                    failed + " failed; in force after " + seconds(inForce) + "; arrived " + twice + " and " + fourTimes
                            + " times; the slow answer " + (early.equals("200") ? "came" : "failed") + ", then "
                            + (late.equals("200") ? "came" : "failed"),
                    within(inForce, 2) & failed == 0 & isSo);
            assertThat(failed).isZero();
            assertThat(isSo)
                    .as(early + "; " + late + "; " + twice + "; " + fourTimes)
                    .isTrue();
        } finally {
            ill.forEach(HttpInstance::close);
        }
    }

    private static String times(String version, int attempts, String timeout) {
        return document(version, "default: {to: v1, fallback: [v2]}")
                + "  ill: {retries: {attempts: " + attempts + "}}\n"
                + "  slow: {timeout: " + timeout + ", retries: {attempts: 1}}\n";
    }

    /** What the calls that these instances got said of their route. */
    private static Set<String> routes(List<HttpInstance> instances) {
        return instances.stream().flatMap(one -> one.routes().stream()).collect(Collectors.toSet());
    }

    private static int served(List<HttpInstance> instances) {
        return instances.stream().mapToInt(HttpInstance::served).sum();
    }

    private static String named(String kind, String number) {
        return kind.equals("consul") ? number : number + " " + kind;
    }
}
