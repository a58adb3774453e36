// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.registries;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.WatchOption;
import java.util.function.Consumer;

/** etcd through jetcd alone: the baseline. */
final class RawEtcd {
    private final Client client;

    RawEtcd(int port) {
        this.client = Client.builder().endpoints("http://127.0.0.1:" + port).build();
    }

    void put(String service, String id, int number) {
        String value = "{\"Op\":0,\"Addr\":\"10.0.0.1:80\",\"Metadata\":{\"meta\":{\"v\":\"" + number + "\"}}}";
        client.getKVClient()
                .put(bytes("services/" + service + "/" + id), bytes(value))
                .join();
    }

    void follow(String service, Consumer<String> onValue) {
        client.getWatchClient()
                .watch(
                        bytes("services/" + service + "/"),
                        WatchOption.builder().isPrefix(true).build(),
                        response -> response.getEvents()
                                .forEach(event -> onValue.accept(
                                        event.getKeyValue().getValue().toString(UTF_8))));
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}
