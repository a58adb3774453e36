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

    /** Starts one; it registers when the registry answers, and leaves in good order on SIGTERM. */
    public static InstanceProcess start(String id, String registryUri) throws IOException {
        File log = File.createTempFile("instance-" + id + "-", ".log");
        log.deleteOnExit();
        return start(
                id, registryUri, log.toPath(), List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=error"), Map.of());
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

    /** {@code kill -9}. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process: an id and a registry's URI. */
    public static void main(String[] args) throws Exception {
        HttpInstance instance = HttpInstance.start(args[0]);
        Registry registry = Registry.connect(args[1]);
        ServiceInstance me = ServiceInstance.builder("orders")
                .id(instance.id())
                .address("127.0.0.1", instance.port())
                .build();
        HealthCheck check =
                HealthCheck.http("/health").every(Duration.ofSeconds(1)).timeout(Duration.ofSeconds(1));
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
