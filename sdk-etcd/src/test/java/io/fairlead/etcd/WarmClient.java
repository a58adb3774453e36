// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.awaitility.Awaitility.await;

import io.fairlead.testkit.RecordingSnapshots;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lists and watches once in each JVM, before its first test. The first call of jetcd, gRPC and Netty loads their classes,
 * which takes longer than our own deadline on a busy machine; a test of what comes after it must not measure that.
 */
final class WarmClient implements BeforeAllCallback {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.create(WarmClient.class))
                .getOrComputeIfAbsent("called", key -> firstCall());
    }

    private static boolean firstCall() {
        RecordingSnapshots seen = new RecordingSnapshots();
        try (LaggingEtcd etcd = new LaggingEtcd();
                EtcdRegistry registry = EtcdRegistry.builder()
                        .endpoints(List.of("127.0.0.1:" + etcd.port()))
                        .build()) {
            registry.watch("orders", seen);
            await().atMost(PATIENCE).until(() -> seen.ids().equals(List.of("stays")));
            await().atMost(PATIENCE).until(() -> {
                etcd.catchUp();
                return seen.ids().contains("new");
            });
            return true;
        } catch (Exception e) {
            throw new IllegalStateException("the first call of this JVM", e);
        }
    }
}
