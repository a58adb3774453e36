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
public final class ConsulServer implements AutoCloseable {
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
    private final ServerProcess process = new ServerProcess("consul");
    private final int[] ports;

    private ConsulServer(Options options) {
        this.options = options;
        this.ports = ServerProcess.freePorts(4);
        restart();
    }

    /** A plain agent in dev mode. */
    public static ConsulServer start() {
        return start(new Options(true, null, null, null));
    }

    /** An agent with options. */
    public static ConsulServer start(Options options) {
        return new ConsulServer(options);
    }

    /** The port of its HTTP (or HTTPS) API. */
    public int port() {
        return ports[0];
    }

    /** {@code consul://127.0.0.1:port}. */
    public String uri() {
        return "consul://127.0.0.1:" + port();
    }

    /** Starts it again on the same ports. */
    public void restart() {
        List<String> command =
                new ArrayList<>(List.of(RealServers.require("consul").toString(), "agent"));
        if (options.dev) {
            command.add("-dev");
        } else {
            command.addAll(List.of("-server", "-bootstrap-expect=1", "-data-dir=" + process.data()));
        }
        command.addAll(List.of(
                "-bind=127.0.0.1",
                "-client=127.0.0.1",
                "-node=test-node",
                "-dns-port=-1",
                "-grpc-port=-1",
                options.tls == null ? "-http-port=" + port() : "-http-port=-1",
                "-https-port=" + (options.tls == null ? "-1" : String.valueOf(port())),
                "-serf-lan-port=" + ports[1],
                "-serf-wan-port=-1",
                "-server-port=" + ports[2],
                "-config-file=" + configuration()));
        process.start(command, this::isHealthy);
    }

    /** SIGKILL. */
    public void kill() {
        process.kill();
    }

    /** SIGSTOP. */
    public void pause() {
        process.pause();
    }

    /** SIGCONT. */
    public void resume() {
        process.resume();
    }

    /** Deletes its data while it is down. */
    public void wipe() {
        process.wipe();
    }

    /** Everything it has printed. */
    public String log() {
        return process.log();
    }

    /** Runs {@code consul} as a person would, against this agent, and returns what it prints. */
    public String cli(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(RealServers.require("consul").toString());
        command.addAll(List.of(arguments));
        return CommandLine.run(command, "CONSUL_HTTP_ADDR", "127.0.0.1:" + port());
    }

    @Override
    public void close() {
        process.close();
    }

    private boolean isHealthy() {
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
