// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A real Consul agent on loopback ports that were free, one server that leads itself. In {@code dev} mode a restart finds
 * an empty registry; otherwise the data stays. Not thread-safe.
 */
public final class ConsulServer extends RegistryServer {
    /**
     * How it is started.
     *
     * @param dev keeps nothing on disk: a restart loses everything
     * @param token management token; switches ACLs on with default deny; null for no ACLs
     * @param tls certificate and key of the HTTPS port in PEM files; null for plain HTTP
     * @param extra more configuration, a JSON object, or null
     */
    public record Options(
            boolean dev,
            @Nullable String token,
            @Nullable Tls tls,
            @Nullable String extra) {}

    /**
     * What an HTTPS port needs.
     *
     * @param certificate PEM file
     * @param key PEM file, PKCS 8
     * @param client trusts the certificate; used to see whether the server is up
     */
    public record Tls(Path certificate, Path key, SSLContext client) {}

    private final Options options;
    private final String node;
    private final int servers;
    private final List<String> more = new ArrayList<>();

    private ConsulServer(Options options, String node, int servers) {
        super("consul", 3);
        this.options = options;
        this.node = node;
        this.servers = servers;
    }

    /** A plain agent in dev mode. */
    public static ConsulServer start() {
        return start(new Options(true, null, null, null));
    }

    /** An agent with options. */
    public static ConsulServer start(Options options) {
        ConsulServer server = new ConsulServer(options, "test-node", 1);
        server.restart();
        return server;
    }

    /** Servers of one cluster that has elected a leader; they keep their data. */
    public static List<ConsulServer> startCluster(int size) {
        Options plain = new Options(false, null, null, null);
        List<ConsulServer> cluster = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            cluster.add(new ConsulServer(plain, "server-" + i, size));
        }
        for (ConsulServer server : cluster) {
            cluster.forEach(other -> server.more.add("-retry-join=127.0.0.1:" + other.ports[1]));
            server.more.add("-retry-interval=1s");
            server.launch();
        }
        cluster.forEach(ConsulServer::awaitHealthy);
        return List.copyOf(cluster);
    }

    /**
     * A client agent of this server, a node of its own: it keeps what is registered on it, and asks the server for lists.
     * It goes on when the server loses its state.
     */
    public ConsulServer startClient() {
        ConsulServer client = new ConsulServer(new Options(false, options.token, null, null), "client-node", 0);
        client.more.add("-retry-join=127.0.0.1:" + ports[1]);
        client.more.add("-retry-interval=1s");
        client.restart();
        return client;
    }

    @Override
    public String uri() {
        return "consul://127.0.0.1:" + port();
    }

    /** Whether it leads its cluster now. */
    public boolean isLeader() {
        String leader = HttpProbe.get("http://127.0.0.1:" + port() + "/v1/status/leader", null);
        return leader != null && leader.contains("127.0.0.1:" + ports[2]);
    }

    @Override
    List<String> command() {
        List<String> command =
                new ArrayList<>(List.of(RealServers.require("consul").toString(), "agent"));
        if (options.dev) {
            command.add("-dev");
        } else {
            command.add("-data-dir=" + process.data());
            if (servers > 0) {
                command.addAll(List.of("-server", "-bootstrap-expect=" + servers));
            }
        }
        command.addAll(List.of(
                "-bind=127.0.0.1",
                "-client=127.0.0.1",
                "-node=" + node,
                "-dns-port=-1",
                "-grpc-port=-1",
                options.tls == null ? "-http-port=" + port() : "-http-port=-1",
                "-https-port=" + (options.tls == null ? "-1" : String.valueOf(port())),
                "-serf-lan-port=" + ports[1],
                "-serf-wan-port=-1",
                "-server-port=" + ports[2],
                "-config-file=" + configuration()));
        command.addAll(more);
        return command;
    }

    /** Runs {@code consul} as a person would, against this agent, and returns what it prints. */
    public String cli(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(RealServers.require("consul").toString());
        command.addAll(List.of(arguments));
        return CommandLine.run(command, "CONSUL_HTTP_ADDR", "127.0.0.1:" + port());
    }

    @Override
    boolean isHealthy() {
        String scheme = options.tls == null ? "http" : "https";
        String url = scheme + "://127.0.0.1:" + port() + "/v1/catalog/services";
        SSLContext client = options.tls == null ? null : options.tls.client;
        String body = options.token == null
                ? HttpProbe.get(url, client)
                : HttpProbe.get(url, client, "X-Consul-Token", options.token);
        return body != null && body.contains("consul");
    }

    private Path configuration() {
        List<String> parts = new ArrayList<>();
        parts.add("\"disable_update_check\": true, \"leave_on_terminate\": true");
        parts.add("\"performance\": {\"raft_multiplier\": 1}");
        if (options.token != null) {
            parts.add("\"acl\": {\"enabled\": true, \"default_policy\": \"deny\", \"tokens\": {\"master\": \""
                    + options.token + "\", \"agent\": \"" + options.token + "\"}}, \"primary_datacenter\": \"dc1\"");
        }
        if (options.tls != null) {
            parts.add("\"cert_file\": \"" + options.tls.certificate + "\", \"key_file\": \"" + options.tls.key + "\"");
        }
        if (options.extra != null) {
            parts.add(options.extra);
        }
        try {
            Path file = process.folder().resolve("config.json");
            return Files.writeString(file, "{" + String.join(", ", parts) + "}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
