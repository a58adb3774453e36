// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.testkit.server.EtcdServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** gRPC's threads for the network, which die for want of memory, which gRPC never replaces. */
class EtcdDeadLoopIT {
    /**
     * In processes of their own, because whoever shares those threads has none. A loop that is ended says so; one that died
     * while it ended takes tasks for ever and says nothing.
     */
    @Test
    void aProcessWhoseSharedEventLoopDiedTakesThreadsOfItsOwnAndGoesOn() throws Exception {
        List<Process> children = new ArrayList<>();
        try (EtcdServer etcd = EtcdServer.start()) {
            for (String how : List.of("ended", "silent")) {
                children.add(child(etcd, how));
            }
            for (Process child : children) {
                assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("it goes on").isTrue();
                assertThat(child.exitValue()).isZero();
            }
        } finally {
            children.forEach(Process::destroyForcibly);
        }
    }

    private static Process child(EtcdServer etcd, String how) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DeadLoopChild.class.getName(),
                        "127.0.0.1:" + etcd.port(),
                        how)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
