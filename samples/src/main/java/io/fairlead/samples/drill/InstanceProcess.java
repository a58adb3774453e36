// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.drill;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.samples.demo.HttpInstance;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One instance in a process of its own, so that it can die as processes die. Registers by itself, however long it takes. */
public final class InstanceProcess implements AutoCloseable {
    private final Process process;

    private InstanceProcess(Process process) {
        this.process = process;
    }

    /** Starts one, with JVM options; it registers when the registry answers, and leaves in good order on SIGTERM. */
    public static InstanceProcess start(String id, String registryUri, String... options) throws IOException {
        File log = File.createTempFile("instance-" + id + "-", ".log");
        log.deleteOnExit();
        List<String> all = new ArrayList<>(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=error"));
        all.addAll(List.of(options));
        return start(id, registryUri, log.toPath(), all, Map.of());
    }

    /** Starts one with JVM options and environment variables of the caller's, and what it prints in a file. */
    public static InstanceProcess start(
            String id, String registryUri, Path log, List<String> options, Map<String, String> variables)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Dsun.net.httpserver.nodelay=true"));
        command.addAll(options);
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), InstanceProcess.class.getName(), id, registryUri));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(variables);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new InstanceProcess(process);
    }

    /** SIGTERM; seconds until the process had ended, a minute at most. */
    public double terminate() throws InterruptedException {
        long startNanos = System.nanoTime();
        process.destroy();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("still there a minute after SIGTERM");
        }
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** SIGSTOP: connections are accepted by the system and nobody answers, no beat is sent. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
        if (code != 0) {
            throw new IllegalStateException("kill -" + name + " ended with " + code);
        }
    }

    /** {@code kill -9}. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process: an id and a registry's URI; checked over HTTP, or by TTL of so many seconds: {@code instance.ttl}. */
    public static void main(String[] args) throws Exception {
        HttpInstance instance = HttpInstance.start(args[0]);
        Registry registry = Registry.connect(args[1]);
        ServiceInstance me = ServiceInstance.builder("orders")
                .id(instance.id())
                .address("127.0.0.1", instance.port())
                .build();
        int ttl = Integer.getInteger("instance.ttl", 0);
        HealthCheck check = ttl > 0
                ? HealthCheck.ttl().every(Duration.ofSeconds(ttl))
                : HealthCheck.http("/health").every(Duration.ofSeconds(1)).timeout(Duration.ofSeconds(1));
        Registration registration = null;
        while (registration == null) {
            try {
                registration = registry.register(me, check).closeOnShutdown();
            } catch (RegistryException notYet) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
        }
        new CountDownLatch(1).await();
    }
}
