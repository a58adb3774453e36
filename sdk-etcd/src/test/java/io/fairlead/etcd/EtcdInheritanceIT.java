// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.RegistryException;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The first request of a web application opens a registry and reads it. */
@ExtendWith(WarmClient.class)
class EtcdInheritanceIT {
    @Test
    void noThreadInheritsFromIt() throws Exception {
        AtomicInteger inherited = new AtomicInteger();
        InheritableThreadLocal<String> tenant = new InheritableThreadLocal<>() {
            @Override
            protected String childValue(String parents) {
                inherited.incrementAndGet();
                return parents;
            }
        };
        ClassLoader application = new ClassLoader("web application", EtcdInheritanceIT.class.getClassLoader()) {};
        try (EtcdServer etcd = EtcdServer.start()) {
            EtcdRegistry[] opened = new EtcdRegistry[1];
            Thread request = new Thread(() -> {
                tenant.set("tenant A");
                opened[0] = EtcdRegistry.builder()
                        .endpoints(List.of("127.0.0.1:" + etcd.port()))
                        .build();
                await().pollInSameThread()
                        .atMost(Duration.ofSeconds(20))
                        .ignoreExceptionsInstanceOf(RegistryException.class)
                        .until(() -> opened[0].list("orders").isEmpty()
                                && opened[0].services().isEmpty());
                opened[0].watch("orders", new RecordingSnapshots());
            });
            request.setContextClassLoader(application);
            request.start();
            request.join();
            try (EtcdRegistry registry = opened[0]) {
                assertThat(registry.description()).startsWith("etcd");
                assertThat(inherited).hasValue(0);
                assertThat(Thread.getAllStackTraces().keySet())
                        .filteredOn(thread -> thread.getContextClassLoader() == application)
                        .extracting(Thread::getName)
                        .isEmpty();
            }
        }
    }
}
