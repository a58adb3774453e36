// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.watch.WatchEvent;
import io.fairlead.api.RegistryException;
import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentFeed;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import java.util.List;

/**
 * Follows one key. The list of a store that went back is what there is now: it is told as any other, and nothing is where it
 * holds the same document.
 */
final class EtcdKeyWatch implements RangeLoop.Follower, Subscription {
    private final String key;
    private final DocumentFeed feed;
    private final EtcdConnection connection;
    private final RangeLoop loop;

    EtcdKeyWatch(
            String key,
            String description,
            EtcdOptions options,
            Environment environment,
            DocumentSource.Listener listener) {
        this.key = key;
        this.feed = new DocumentFeed(description, environment, listener);
        this.connection = options.connection(environment);
        this.loop = new RangeLoop(
                "watch of key '" + key + "'",
                KeyLayout.bytes(key),
                false,
                this,
                connection,
                options.fullListEvery(),
                environment);
    }

    void start() {
        try {
            loop.start();
        } catch (Throwable refused) {
            close();
            throw refused;
        }
    }

    /** Does not wait for the client's end. */
    @Override
    public void close() {
        feed.close();
        loop.close();
        connection.closeLater(connection::close);
    }

    @Override
    public void listed(List<KeyValue> entries) {
        if (entries.isEmpty()) {
            feed.absent();
        } else {
            present(entries.get(0));
        }
    }

    @Override
    public void changed(List<WatchEvent> events) {
        WatchEvent last = events.get(events.size() - 1);
        if (last.getEventType() == WatchEvent.EventType.PUT) {
            present(last.getKeyValue());
        } else {
            feed.absent();
        }
    }

    private void present(KeyValue entry) {
        feed.present(entry.getValue().getBytes(), "revision " + entry.getModRevision());
    }

    @Override
    public void confirmed() {
        // Nothing to tell.
    }

    @Override
    public void wentBack(RegistryException cause) {
        // The list that follows says what there is.
    }

    @Override
    public void interrupted(RegistryException cause) {
        String why = "key " + key + ": " + cause.getMessage();
        feed.failed(new RegistryException(cause.reason(), why, cause, cause.retryAfter()));
    }
}
