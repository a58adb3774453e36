// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.testkit.server.EtcdServer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** gRPC's threads for the network, which die for want of memory, which gRPC never replaces. */
class EtcdDeadLoopIT {
    /** In a process of its own: whoever shares those threads has none. */
    @Test
    void aProcessWhoseSharedEventLoopDiedTakesThreadsOfItsOwnAndGoesOn() throws Exception {
        try (EtcdServer etcd = EtcdServer.start()) {
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                            "-cp",
                            System.getProperty("java.class.path"),
                            DeadLoopChild.class.getName(),
                            "127.0.0.1:" + etcd.port())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("it goes on").isTrue();
                assertThat(child.exitValue()).isZero();
            } finally {
                child.destroyForcibly();
            }
        }
    }
}
