// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Registry;
import io.fairlead.api.Subscription;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.DocumentSource;
import io.fairlead.testkit.RecordingDocuments;
import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.EtcdServer;
import io.fairlead.testkit.server.RegistryServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A document under a key of a registry that dies, forgets, hangs, loses its leader, or takes rights away. */
class DocumentIT {
    private static final String KEY = "fairlead/routes";
    private static final String TOKEN = "ca9a7e01-1b52-4a71-b0a8-cafecafecafe";

    private final RecordingDocuments seen = new RecordingDocuments();

    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void itsRegistryIsKilledAndWipedAndHangs(String kind) {
        try (RegistryServer server = Rig.server(kind)) {
            write(server, 1);
            try (Subscription watch = source(server).watch(seen)) {
                seesInTime(1);
                killed(kind, server);
                wiped(kind, server);
                hung(kind, server);
            }
        }
    }

    private void killed(String kind, RegistryServer server) {
        server.kill();
        double told = secondsUntil("failed");
        server.restart();
        double fresh = secondsToSee(server, 2);
        boolean kept = !seen.told().contains("absent");
        record(
                named(kind, "F59"),
                kind + " is killed, with a document we follow in it, which is changed at its return",
                "told ≤ 5 s; never said to be gone; the change seen ≤ 8 s after its return",
                "told after " + seconds(told) + "; " + (kept ? "never gone" : "said to be gone") + "; change after "
                        + seconds(fresh),
                within(told, 5) & within(fresh, 8) & kept);
        assertThat(kept).as(() -> seen.told().toString()).isTrue();
    }

    private void wiped(String kind, RegistryServer server) {
        server.kill();
        server.wipe();
        server.restart();
        double gone = secondsUntil("absent");
        double fresh = secondsToSee(server, 3);
        List<String> revisions = seen.revisions();
        assertThat(number(revisions.get(revisions.size() - 1))).isLessThan(number(revisions.get(revisions.size() - 2)));
        record(
                named(kind, "F60"),
                kind + " loses its data while it is down; the document is written again, at a lower index",
                "said to be gone ≤ 8 s after its return; the new one seen ≤ 2 s",
                "gone after " + seconds(gone) + ", the new one after " + seconds(fresh),
                within(gone, 8) & within(fresh, 2));
    }

    private void hung(String kind, RegistryServer server) {
        double criterion = kind.equals("consul") ? 6 : 15;
        server.pause();
        double told = secondsUntil("failed");
        server.resume();
        double again = secondsUntil("present v3");
        double fresh = secondsToSee(server, 4);
        record(
                named(kind, "F61"),
                kind + " hangs (SIGSTOP) until that is told" + (kind.equals("consul") ? ", wait 2 s" : ""),
                String.format(
                        Locale.ROOT, "told ≤ %.0f s; the same document again ≤ 8 s, a change seen ≤ 2 s", criterion),
                "told after " + seconds(told) + "; again after " + seconds(again) + ", change after " + seconds(fresh),
                within(told, criterion) & within(again, 8) & within(fresh, 2));
    }

    @Test
    void aTokenIsRevokedAndAnotherGiven() {
        try (ConsulServer server = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, null))) {
            server.cli("kv", "put", "-token=" + TOKEN, KEY, "v1");
            server.cli(
                    "acl",
                    "policy",
                    "create",
                    "-token=" + TOKEN,
                    "-name=reads",
                    "-rules=key \"" + KEY + "\" { policy = \"read\" }");
            String first = create(server);
            String[] token = {first.replaceAll("(?s).*SecretID: *(\\S+).*", "$1")};
            DocumentSource source = ConsulRegistry.builder()
                    .address("127.0.0.1:" + server.port())
                    .token(() -> token[0])
                    .wait(Duration.ofSeconds(2))
                    .document(KEY);
            try (Subscription watch = source.watch(seen)) {
                seesInTime(1);
                String accessor = first.replaceAll("(?s).*AccessorID: *(\\S+).*", "$1");
                server.cli("acl", "token", "delete", "-token=" + TOKEN, "-id=" + accessor);
                double told = secondsUntil("failed");
                token[0] = create(server).replaceAll("(?s).*SecretID: *(\\S+).*", "$1");
                double again = secondsUntil("present v1");
                boolean kept = seen.told().equals(List.of("present v1", "failed", "present v1"));
                record(
                        "F62",
                        "the token that may read the document is revoked, and another is given; wait 2 s",
                        "a failure ≤ 4 s, never an absence; the document again ≤ 8 s after",
                        "failure after " + seconds(told) + ", " + (kept ? "no absence" : "an absence")
                                + "; again after " + seconds(again),
                        within(told, 4) & within(again, 8) & kept);
                assertThat(kept).as(() -> seen.told().toString()).isTrue();
            }
        }
    }

    /** Consul with its own consistency and with stale reads; each watch at a server that stays. */
    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void theLeaderDiesBetweenTwoWrites(String kind) {
        List<? extends RegistryServer> cluster =
                kind.equals("consul") ? ConsulServer.startCluster(3) : EtcdServer.startCluster(3);
        RecordingDocuments other = new RecordingDocuments();
        try {
            RegistryServer leader =
                    cluster.stream().filter(DocumentIT::leads).findFirst().orElseThrow();
            List<RegistryServer> rest = new ArrayList<>(cluster);
            rest.remove(leader);
            try (Subscription usual = source(rest.get(0)).watch(seen);
                    Subscription stale = stale(rest.get(1)).watch(other)) {
                for (int i = 1; i <= 5; i++) {
                    write(leader, i);
                }
                Load.await(() -> "present v5".equals(seen.last()) && "present v5".equals(other.last()));
                leader.kill();
                long startNanos = System.nanoTime();
                Load.await(() -> isWritten(rest.get(0), 6));
                Load.await(() -> "present v6".equals(seen.last()) && "present v6".equals(other.last()));
                double fresh = (System.nanoTime() - startNanos) / 1e9;
                boolean forward = goesForward(seen) & goesForward(other);
                record(
                        named(kind, "F63"),
                        kind + ", the leader of three is killed between two writes of a document",
                        "no old one told again; the change seen ≤ 10 s after the kill",
                        (forward ? "none told again" : "an old one told again") + "; change after " + seconds(fresh),
                        within(fresh, 10) & forward);
                assertThat(forward)
                        .as(() -> seen.told() + " and " + other.told())
                        .isTrue();
            }
        } finally {
            cluster.forEach(RegistryServer::close);
        }
    }

    private static long number(String revision) {
        return Long.parseLong(revision.replaceAll("\\D", ""));
    }

    private static boolean goesForward(RecordingDocuments heard) {
        List<String> versions =
                heard.told().stream().filter(told -> told.startsWith("present")).toList();
        return versions.equals(versions.stream().sorted().toList());
    }

    private static boolean leads(RegistryServer server) {
        return server instanceof ConsulServer consul ? consul.isLeader() : ((EtcdServer) server).isLeader();
    }

    private static boolean isWritten(RegistryServer server, int version) {
        try {
            write(server, version);
            return true;
        } catch (RuntimeException noLeader) {
            return false;
        }
    }

    private static void write(RegistryServer server, int version) {
        if (server instanceof ConsulServer consul) {
            consul.cli("kv", "put", KEY, "v" + version);
        } else {
            ((EtcdServer) server).ctl("put", KEY, "v" + version);
        }
    }

    private static String create(ConsulServer server) {
        return server.cli("acl", "token", "create", "-token=" + TOKEN, "-policy-name=reads");
    }

    private static DocumentSource source(RegistryServer server) {
        return Registry.document(server.uri() + "/" + KEY + (server instanceof ConsulServer ? "?wait=2" : ""));
    }

    private static DocumentSource stale(RegistryServer server) {
        return server instanceof ConsulServer
                ? Registry.document(server.uri() + "/" + KEY + "?wait=2&consistency=stale")
                : source(server);
    }

    private void seesInTime(int version) {
        Load.await(() -> ("present v" + version).equals(seen.last()));
    }

    /** With the time of the command that writes it. */
    private double secondsToSee(RegistryServer server, int version) {
        long startNanos = System.nanoTime();
        write(server, version);
        seesInTime(version);
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private double secondsUntil(String told) {
        return Load.await(() -> told.equals(seen.last())) / 1e9;
    }

    private static String named(String kind, String number) {
        return kind.equals("consul") ? number : number + " " + kind;
    }
}
