// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A real etcd member on loopback ports that were free, its own cluster. Not thread-safe. */
public final class EtcdServer extends RegistryServer {
    /**
     * What a TLS port needs.
     *
     * @param certificate PEM file
     * @param key PEM file, PKCS 8
     * @param authority PEM file of who signed the certificate
     * @param client trusts the authority; used to see whether the server is up
     * @param asksClients whether clients must show a certificate of the authority
     */
    public record Tls(Path certificate, Path key, Path authority, SSLContext client, boolean asksClients) {
        /** The same, with clients that must show a certificate of the authority. */
        public Tls askingClients() {
            return new Tls(certificate, key, authority, client, true);
        }
    }

    private final @Nullable Tls tls;
    private final String name;
    private List<EtcdServer> cluster = List.of(this);
    private @Nullable Path binary;

    private EtcdServer(@Nullable Tls tls, String name) {
        super("etcd", 3);
        this.tls = tls;
        this.name = name;
    }

    /** A plain member. */
    public static EtcdServer start() {
        return started(new EtcdServer(null, "m1"));
    }

    /** A plain member of the newest version there is. */
    public static EtcdServer startNewest() {
        EtcdServer server = new EtcdServer(null, "m1");
        server.binary = RealServers.newestEtcd();
        return started(server);
    }

    /** A member that speaks TLS to clients. */
    public static EtcdServer start(Tls tls) {
        return started(new EtcdServer(tls, "m1"));
    }

    /** Members of one cluster that has elected a leader. */
    public static List<EtcdServer> startCluster(int size) {
        List<EtcdServer> members = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            members.add(new EtcdServer(null, "m" + i));
        }
        List<EtcdServer> cluster = List.copyOf(members);
        for (EtcdServer member : cluster) {
            member.cluster = cluster;
            member.launch();
        }
        cluster.forEach(EtcdServer::awaitHealthy);
        return cluster;
    }

    private static EtcdServer started(EtcdServer server) {
        server.restart();
        return server;
    }

    @Override
    public String uri() {
        return "etcd://127.0.0.1:" + port();
    }

    /** Whether it leads its cluster now. */
    public boolean isLeader() {
        String status = ctl("endpoint", "status", "-w", "json");
        String self = status.replaceAll("(?s).*\"member_id\":(\\d+).*", "$1");
        return status.replaceAll("(?s).*\"leader\":(\\d+).*", "$1").equals(self);
    }

    @Override
    List<String> command() {
        String clients = (tls == null ? "http" : "https") + "://127.0.0.1:" + ports[0];
        List<String> command = new ArrayList<>(List.of(
                (binary == null ? RealServers.require("etcd") : binary).toString(),
                "--name=" + name,
                "--data-dir=" + process.data().resolve(name),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers(),
                "--initial-advertise-peer-urls=" + peers(),
                "--initial-cluster="
                        + cluster.stream()
                                .map(member -> member.name + "=" + member.peers())
                                .collect(Collectors.joining(",")),
                "--listen-metrics-urls=http://127.0.0.1:" + ports[2],
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--logger=zap"));
        if (tls != null) {
            command.add("--cert-file=" + tls.certificate);
            command.add("--key-file=" + tls.key);
            if (tls.asksClients) {
                command.add("--client-cert-auth");
                command.add("--trusted-ca-file=" + tls.authority);
            }
        }
        return command;
    }

    private String peers() {
        return "http://127.0.0.1:" + ports[1];
    }

    /** Runs {@code etcdctl} as a person would, against this member, and returns what it prints. */
    public String ctl(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(RealServers.require("etcdctl").toString());
        command.add("--endpoints=127.0.0.1:" + port());
        command.addAll(List.of(arguments));
        return CommandLine.run(command, "ETCDCTL_API", "3");
    }

    @Override
    boolean isHealthy() {
        String health = HttpProbe.get("http://127.0.0.1:" + ports[2] + "/health", null);
        return health != null && health.contains("true");
    }
}
