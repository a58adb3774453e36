// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.ByteSequence;
import io.fairlead.spi.kit.ServiceNames;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where instances stand: {@code namespace/service/id}. Services are read by {@code namespace/service/} with the slash, so
 * that {@code orders} never includes {@code orders-v2}. A slash or a percent sign in an id is percent-encoded.
 *
 * @param namespace without a slash at its end; one at its beginning is part of every key, and an empty one makes keys that
 *     begin with a slash
 */
record KeyLayout(String namespace) {

    ByteSequence all() {
        return bytes(namespace + "/");
    }

    ByteSequence service(String service) {
        return bytes(namespace + "/" + service + "/");
    }

    ByteSequence instance(String service, String id) {
        return bytes(namespace + "/" + service + "/" + id.replace("%", "%25").replace("/", "%2F"));
    }

    /** The id a key carries, given the service it was read under. */
    String idOf(String service, ByteSequence key) {
        String text = key.toString(StandardCharsets.UTF_8);
        return text.substring(namespace.length() + service.length() + 2)
                .replace("%2F", "/")
                .replace("%25", "%");
    }

    /** The service whose watch finds a key: none when it has not the layout, or what stands there is no name, so spelt. */
    Optional<String> serviceOf(ByteSequence key) {
        String rest = key.toString(StandardCharsets.UTF_8).substring(namespace.length() + 1);
        int slash = rest.indexOf('/');
        String word = rest.substring(0, Math.max(0, slash));
        return ServiceNames.of(word).filter(word::equals);
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
