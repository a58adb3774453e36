// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Registry;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.drill.InstanceProcess;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.server.ConsulServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token is in a header and nowhere else, whatever is logged. */
class SecretsIT {
    private static final String TOKEN = "ca9a7e00-1b52-4a71-b0a8-cafecafecafe";

    @TempDir
    private Path folder;

    @Test
    void aTracedProcessNeverPrintsItsToken() throws Exception {
        Path log = folder.resolve("trace.log");
        Path logging = Files.writeString(folder.resolve("logging.properties"), """
                .level=ALL
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=ALL
                """);
        try (ConsulServer consul = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, null));
                Registry registry = ConsulRegistry.builder()
                        .address("127.0.0.1:" + consul.port())
                        .token(TOKEN)
                        .build();
                InstanceProcess traced = InstanceProcess.start(
                        "one",
                        consul.uri(),
                        log,
                        List.of(
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                                "-Djava.util.logging.config.file=" + logging,
                                "-Djdk.httpclient.HttpClient.log=requests,errors"),
                        Map.of("CONSUL_HTTP_TOKEN", TOKEN))) {
            Load.await(() -> !registry.list("orders").isEmpty());
            consul.pause();
            double exit = traced.terminate();
            consul.resume();
            String text = Files.readString(log);
            boolean hidden = !text.contains(TOKEN);
            record(
                    "S10",
                    "everything logged at TRACE: registered, beaten, the registry hung, shut down (" + Math.round(exit)
                            + " s)",
                    "the token is in no line",
                    hidden ? text.lines().count() + " lines, 0 with the token" : "token found",
                    hidden);
            assertThat(text).isNotEmpty().doesNotContain(TOKEN);
        }
    }
}
