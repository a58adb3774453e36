// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Environment;
import io.fairlead.spi.OpenWatches;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.VirtualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A client that says nothing of a broken watch but throws when it is asked for a sign of life, as jetcd does. */
class NoStreamTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final Environment environment = time.environment(1, events);
    private final AtomicInteger lists = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void aWatchWithoutAStreamIsMadeAnewAndIsNoCallbacksFailure() {
        EtcdConnection connection = new EtcdConnection(this::client, "etcd x", environment);
        OpenWatches<EtcdWatch> watches = new OpenWatches<>(
                "etcd x",
                environment,
                (service, feed) -> new EtcdWatch(
                        service,
                        new KeyLayout("services"),
                        new AddressCodec(),
                        connection,
                        Duration.ofMinutes(5),
                        environment,
                        feed));
        RecordingSnapshots seen = new RecordingSnapshots();
        var unused = watches.subscribe("orders", seen);
        time.advance(Duration.ofSeconds(30));
        assertThat(asked).hasPositiveValue();
        assertThat(lists.get()).as("made anew").isGreaterThan(1);
        assertThat(events.events("callback")).isEmpty();
        assertThat(seen.interruptions()).extracting(RegistryException::reason).containsOnly(Reason.UNREACHABLE);
        watches.close();
        connection.close();
    }

    private Client client() {
        KV keys = fake(KV.class, method -> {
            lists.incrementAndGet();
            return CompletableFuture.completedFuture(
                    new GetResponse(RangeResponse.getDefaultInstance(), ByteSequence.from("", UTF_8)));
        });
        Watch.Watcher watcher = fake(Watch.Watcher.class, method -> {
            if (method.equals("requestProgress")) {
                asked.incrementAndGet();
                throw new NullPointerException("no stream");
            }
            return null;
        });
        Watch watch = fake(Watch.class, method -> watcher);
        return fake(Client.class, method -> switch (method) {
            case "getKVClient" -> keys;
            case "getWatchClient" -> watch;
            default -> null;
        });
    }

    private interface Answer {
        Object to(String method);
    }

    private static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answer.to(method.getName())));
    }
}
