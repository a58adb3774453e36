// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.KeyValue;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.RejectedEntries;
import org.jspecify.annotations.Nullable;

/**
 * Turns the entries of one service into instances. A codec may be the user's own: whatever it throws or returns concerns
 * the one entry it was given. Not thread-safe.
 */
final class EntryReader {
    private final String service;
    private final KeyLayout layout;
    private final ValueCodec codec;
    private final RejectedEntries rejected;

    EntryReader(String service, KeyLayout layout, ValueCodec codec, RejectedEntries rejected) {
        this.service = service;
        this.layout = layout;
        this.codec = codec;
        this.rejected = rejected;
    }

    static String key(KeyValue entry) {
        return entry.getKey().toString(UTF_8);
    }

    /** The instance, or null when the entry is none; that has been told then. */
    @SuppressWarnings("NullAway") // a codec is foreign code: it may return null all the same
    @Nullable
    ServiceInstance read(KeyValue entry) {
        String problem;
        try {
            String id = layout.idOf(service, entry.getKey());
            ServiceInstance instance = codec.decode(
                    service, id, entry.getValue().getBytes(), what -> rejected.tellLeftOut(key(entry), what));
            if (instance != null && instance.service().equals(service)) {
                return instance;
            }
            problem = instance == null
                    ? "the codec returned null (expected: an instance)"
                    : "the codec returned an instance of '" + instance.service() + "' (expected: '" + service + "')";
        } catch (OutOfMemoryError ours) {
            throw ours; // says nothing of the entry
        } catch (Throwable bad) {
            problem = reason(bad);
        }
        rejected.tell(key(entry), problem);
        return null;
    }

    void reject(String key, String reason) {
        rejected.tell(key, reason);
    }

    private static String reason(Throwable bad) {
        try {
            String message = bad.getMessage();
            return bad instanceof IllegalArgumentException && message != null ? message : String.valueOf(bad);
        } catch (Throwable worse) {
            return bad.getClass().getName();
        }
    }
}
