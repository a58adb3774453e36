// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.fairlead.api.EventListener;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.RejectedEntries;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a list and a watch make of the same entries. */
class ListedEntriesTest {
    private final List<String> told = new ArrayList<>();
    private final ListedEntries entries = new ListedEntries(new EntryReader(
            "orders",
            new KeyLayout("services"),
            ValueCodec.naming(),
            new RejectedEntries("orders", new EventListener() {
                @Override
                public void onInstanceRejected(String service, String entry, String reason) {
                    told.add(entry + ": " + reason);
                }
            })));

    @Test
    void anIdThatTwoKeysClaimBelongsToTheFirstAndTheOtherIsTold() {
        ServiceInstance one = ServiceInstance.builder("orders")
                .id("a/b")
                .address("10.0.0.1", 80)
                .build();
        KeyValue first = entry("services/orders/a%2Fb", one);
        KeyValue second = entry(
                "services/orders/a/b", one.toBuilder().address("10.0.0.2", 80).build());
        entries.replace(List.of(second, first));
        assertThat(entries.instances()).extracting(ServiceInstance::host).containsExactly("10.0.0.1");
        assertThat(told).containsExactly("services/orders/a/b: id 'a/b' is taken by another key");
        entries.remove(first);
        assertThat(entries.instances()).extracting(ServiceInstance::host).containsExactly("10.0.0.2");
    }

    private static KeyValue entry(String key, ServiceInstance instance) {
        return new KeyValue(
                io.etcd.jetcd.api.KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFrom(ValueCodec.naming().encode(instance)))
                        .build(),
                ByteSequence.EMPTY);
    }
}
