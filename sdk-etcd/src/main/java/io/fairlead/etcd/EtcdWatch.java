// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.watch.WatchEvent;
import io.fairlead.api.RegistryException;
import io.fairlead.spi.BackendWatch;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RejectedEntries;
import io.fairlead.spi.SnapshotFeed;
import java.time.Duration;
import java.util.List;

/**
 * Follows one service: all keys under its name, each read by itself. A store that went back is an interruption: what its list
 * lacks may still live. What is kept here belongs to the loop's serial queue.
 */
final class EtcdWatch implements BackendWatch, RangeLoop.Follower {
    private final SnapshotFeed feed;
    private final ListedEntries entries;
    private final RangeLoop loop;

    EtcdWatch(
            String service,
            KeyLayout layout,
            ValueCodec codec,
            EtcdConnection connection,
            Duration fullListEvery,
            Environment environment,
            SnapshotFeed feed) {
        this.feed = feed;
        RejectedEntries rejected = new RejectedEntries(service, environment.listener());
        this.entries = new ListedEntries(new EntryReader(service, layout, codec, rejected));
        this.loop = new RangeLoop(
                "watch of '" + service + "'",
                layout.service(service),
                true,
                this,
                connection,
                fullListEvery,
                environment);
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    @Override
    public void listed(List<KeyValue> all) {
        entries.replace(all);
        feed.publish(entries.instances());
    }

    @Override
    public void changed(List<WatchEvent> events) {
        for (WatchEvent event : events) {
            if (event.getEventType() == WatchEvent.EventType.PUT) {
                entries.put(event.getKeyValue());
            } else {
                entries.remove(event.getKeyValue());
            }
        }
        feed.publish(entries.instances());
    }

    @Override
    public void confirmed() {
        feed.confirm();
    }

    @Override
    public void wentBack(RegistryException cause) {
        feed.interrupt(cause);
    }

    @Override
    public void interrupted(RegistryException cause) {
        feed.interrupt(cause);
    }
}
