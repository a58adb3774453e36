// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.databind.JsonNode;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Backoff;
import io.fairlead.spi.DocumentFeed;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows one key. It asks for the entry and not for the bare value ({@code ?raw}): an entry names its key, so that the page
 * of a proxy is never taken for a document, and says when it was written. It asks for just this key: without rights Consul
 * answers 403 then, and a query for all keys that begin so would get the 404 of a deletion.
 *
 * <p>What is told follows from values; indexes say only what to wait from. A lower one than before is not believed at once,
 * as in {@link ConsulWatch}: a server that is behind, or a leader that was voted out and does not know it yet, would bring an
 * old document back. What is kept here belongs to the loop's serial queue.
 */
final class ConsulKvWatch implements QueryLoop.Follower, Subscription {
    /** Base64 of the longest document, and room for what stands around it. */
    private static final int LONGEST = DocumentSource.MOST_BYTES / 3 * 4 + (16 << 10);
    /** Until a document that is too long is read again. */
    private static final long TOO_LONG_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String key;
    private final ConsulOptions options;
    private final Environment environment;
    private final ConsulHttp http;
    private final DocumentFeed feed;
    private final QueryLoop loop;
    private final Staleness staleness = new Staleness();
    private long highest;
    private long created;

    /** The key as one answer has it; a key that does not exist was created at 0. */
    private record Entry(long created, long modified, byte[] value) {
        static final Entry NONE = new Entry(0, 0, new byte[0]);

        boolean exists() {
            return created > 0;
        }
    }

    ConsulKvWatch(
            String key,
            String description,
            ConsulOptions options,
            Environment environment,
            DocumentSource.Listener listener) {
        this.key = key;
        this.options = options;
        this.environment = environment;
        this.feed = new DocumentFeed(description, environment, listener);
        this.http = new ConsulHttp(options, environment);
        this.loop = new QueryLoop(
                "watch of " + description, this, http, new QuerySlots(() -> null), options.hold(), environment);
    }

    void start() {
        try {
            loop.start();
        } catch (Throwable refused) {
            close();
            throw refused;
        }
    }

    @Override
    public void close() {
        feed.close();
        loop.close();
        http.close();
    }

    @Override
    public String path(long index, Duration hold) {
        return HealthQuery.table(
                ConsulHttp.KEYS + ConsulHttp.encode(key).replace("%2F", "/") + "?", options, index, hold);
    }

    @Override
    public long answered(ConsulHttp.Answer answer) {
        if (!answer.isCurrent()) {
            throw new RegistryException(Reason.UNAVAILABLE, options + " has no leader, or lost touch with it");
        }
        Entry entry = answer.status() == 404 ? Entry.NONE : entry(answer.body());
        long next = Math.max(1, answer.index());
        if (next >= highest) {
            staleness.news();
        } else if (!believes(entry)) {
            return 0;
        }
        highest = next;
        if (entry.exists()) {
            created = entry.created;
            feed.present(entry.value, "index " + entry.modified);
        } else {
            feed.absent();
        }
        return next;
    }

    /**
     * Whether an answer with a lower index is the registry's new life, and not a server's that is behind.
     *
     * @throws RegistryException when nothing else has come for long
     */
    private boolean believes(Entry entry) {
        boolean sameLife = entry.exists() && entry.created == created;
        if (staleness.believes(sameLife, environment.ticker().nanos())) {
            return true;
        }
        if (staleness.isLasting()) {
            throw invalid("its index went back (expected: a server that is not behind)", null);
        }
        return false;
    }

    private Entry entry(byte[] body) {
        JsonNode entry;
        try {
            entry = HealthAnswer.JSON.readTree(body).path(0);
        } catch (IOException notJson) {
            throw invalid("no JSON", notJson);
        }
        JsonNode value = entry.path("Value");
        // Consul writes null for no bytes.
        String encoded = value.isNull() ? "" : value.textValue();
        if (encoded == null || !entry.path("Key").asText("").equals(key)) {
            throw invalid("no entry of this key", null);
        }
        try {
            return new Entry(
                    Math.max(1, entry.path("CreateIndex").asLong()),
                    entry.path("ModifyIndex").asLong(),
                    Base64.getDecoder().decode(encoded));
        } catch (IllegalArgumentException notBase64) {
            throw invalid("a value that is not base64", notBase64);
        }
    }

    private RegistryException invalid(String what, @Nullable Throwable cause) {
        return new RegistryException(Reason.INVALID_ANSWER, options + ": " + what, cause);
    }

    @Override
    public int longest() {
        return LONGEST;
    }

    @Override
    public void interrupted(RegistryException cause) {
        if (cause.reason() != Reason.INVALID_ANSWER) {
            staleness.interrupted();
        }
        String why = isTooLong(cause)
                ? options + " sent more than " + DocumentSource.MOST_BYTES + " bytes (expected: at most so many)"
                : String.valueOf(cause.getMessage());
        feed.failed(new RegistryException(cause.reason(), "kv " + key + ": " + why, cause, cause.retryAfter()));
    }

    @Override
    public void recovered() {
        // The answer that ended it has told all there is.
    }

    @Override
    public long pause(RegistryException cause) {
        return isTooLong(cause) ? TOO_LONG_PAUSE_NANOS : Backoff.leastNanos(cause);
    }

    private static boolean isTooLong(RegistryException cause) {
        return cause.getCause() instanceof CappedBody.TooLong;
    }
}
