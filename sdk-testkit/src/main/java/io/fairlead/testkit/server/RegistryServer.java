// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import java.util.List;

/**
 * A real registry process on loopback ports that were free, with its own data folder, killed at the latest when this JVM
 * ends. Not thread-safe.
 */
public abstract sealed class RegistryServer implements AutoCloseable permits ConsulServer, EtcdServer {
    final ServerProcess process;
    final int[] ports;

    RegistryServer(String name, int portCount) {
        this.process = new ServerProcess(name);
        this.ports = ServerProcess.freePorts(portCount);
    }

    /** The port clients speak to. */
    public final int port() {
        return ports[0];
    }

    /** What {@code Registry.connect} takes. */
    public abstract String uri();

    /** Starts it again on the same ports with the data there is; returns when it is healthy. */
    public final void restart() {
        launch();
        awaitHealthy();
    }

    /** SIGKILL. */
    public final void kill() {
        process.kill();
    }

    /** SIGTERM, and waits for its end. */
    public final void terminate() {
        process.terminate();
    }

    /** SIGSTOP: it accepts connections and never answers. */
    public final void pause() {
        process.pause();
    }

    /** SIGCONT. */
    public final void resume() {
        process.resume();
    }

    /** Deletes its data while it is down. */
    public final void wipe() {
        process.wipe();
    }

    /** Everything it has printed. */
    public final String log() {
        return process.log();
    }

    @Override
    public final void close() {
        process.close();
    }

    final void launch() {
        process.launch(command());
    }

    final void awaitHealthy() {
        process.awaitHealthy(this::isHealthy);
    }

    abstract List<String> command();

    abstract boolean isHealthy();
}
