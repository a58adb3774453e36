// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static io.fairlead.consul.FakeAgent.entry;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.Registry;
import io.fairlead.consul.FakeAgent.Answer;
import io.fairlead.testkit.RecordingSnapshots;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Watches once in each JVM, before its first test. The first query loads the client's classes, which on a busy machine may
 * take longer than our own deadline; a test that counts interruptions must not see that one.
 */
final class WarmClient implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.create(WarmClient.class))
                .getOrComputeIfAbsent("called", key -> firstCall());
    }

    private static boolean firstCall() {
        RecordingSnapshots seen = new RecordingSnapshots();
        try (FakeAgent agent = new FakeAgent(asked -> Answer.list(7, entry("n1", "a", "10.0.0.1", 7)));
                Registry registry =
                        ConsulRegistry.builder().address(agent.address()).build()) {
            registry.watch("orders", seen);
            await().atMost(Duration.ofMinutes(2)).until(() -> seen.ids().equals(List.of("a")));
            return true;
        }
    }
}
