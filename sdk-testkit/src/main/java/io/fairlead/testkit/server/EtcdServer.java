// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A real etcd member on loopback ports that were free, its own cluster. Not thread-safe. */
public final class EtcdServer implements AutoCloseable {
    /**
     * What a TLS port needs.
     *
     * @param certificate PEM file
     * @param key PEM file, PKCS 8
     * @param authority PEM file of who signed the certificate
     * @param client trusts the authority; used to see whether the server is up
     */
    public record Tls(Path certificate, Path key, Path authority, SSLContext client) {}

    private final ServerProcess process = new ServerProcess("etcd");
    private final @Nullable Tls tls;
    private final int[] ports;

    private EtcdServer(@Nullable Tls tls) {
        this.tls = tls;
        this.ports = ServerProcess.freePorts(3);
        restart();
    }

    /** A plain member. */
    public static EtcdServer start() {
        return new EtcdServer(null);
    }

    /** A member that speaks TLS to clients. */
    public static EtcdServer start(Tls tls) {
        return new EtcdServer(tls);
    }

    /** The port for clients. */
    public int port() {
        return ports[0];
    }

    /** {@code etcd://127.0.0.1:port}. */
    public String uri() {
        return "etcd://127.0.0.1:" + port();
    }

    /** Starts it again on the same ports with the data there is. */
    public void restart() {
        String clients = (tls == null ? "http" : "https") + "://127.0.0.1:" + ports[0];
        String peers = "http://127.0.0.1:" + ports[1];
        List<String> command = new ArrayList<>(List.of(
                RealServers.require("etcd").toString(),
                "--name=m1",
                "--data-dir=" + process.data().resolve("m1"),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=m1=" + peers,
                "--listen-metrics-urls=http://127.0.0.1:" + ports[2],
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--logger=zap"));
        if (tls != null) {
            command.add("--cert-file=" + tls.certificate);
            command.add("--key-file=" + tls.key);
        }
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

    /** Runs {@code etcdctl} as a person would, against this member, and returns what it prints. */
    public String ctl(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(RealServers.require("etcdctl").toString());
        command.add("--endpoints=127.0.0.1:" + port());
        command.addAll(List.of(arguments));
        return CommandLine.run(command, "ETCDCTL_API", "3");
    }

    @Override
    public void close() {
        process.close();
    }

    private boolean isHealthy() {
        String health = HttpProbe.get("http://127.0.0.1:" + ports[2] + "/health", null);
        return health != null && health.contains("true");
    }
}
