// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.VirtualTime;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One record, and a client whose watch can not begin. */
class EtcdRecordTest {
    private final VirtualTime time = new VirtualTime();
    private final List<String> asked = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.AnyThrowable#kinds")
    void whatIsWrittenIsWrittenThoughItsWatchCanNotBegin(Throwable kind) {
        EtcdRecord record = new EtcdRecord(
                new EtcdConnection(() -> client(kind), "etcd x", time.environment()),
                ByteSequence.from("/services/orders/one", StandardCharsets.UTF_8),
                ValueCodec.naming(),
                10,
                time.environment());
        ServiceInstance one = ServiceInstance.builder("orders")
                .id("one")
                .address("10.0.0.1", 80)
                .build();
        assertThatCode(() -> record.write(one)).doesNotThrowAnyException();
        assertThat(asked).containsExactly("grant", "put", "watch");
    }

    private Client client(Throwable kind) {
        return part(Client.class, kind);
    }

    private <T> T part(Class<T> type, Throwable kind) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().startsWith("get")) {
                        return part(method.getReturnType(), kind);
                    }
                    asked.add(method.getName());
                    return switch (method.getName()) {
                        case "grant" ->
                            CompletableFuture.completedFuture(
                                    new LeaseGrantResponse(io.etcd.jetcd.api.LeaseGrantResponse.newBuilder()
                                            .setID(7)
                                            .build()));
                        case "put" ->
                            CompletableFuture.completedFuture(new PutResponse(
                                    io.etcd.jetcd.api.PutResponse.getDefaultInstance(), ByteSequence.EMPTY));
                        case "watch" -> throw AnyThrowable.sneak(kind);
                        default -> null;
                    };
                }));
    }
}
