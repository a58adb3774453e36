// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.fairlead.spi.Environment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Watches the key we wrote, and asks for a look at it when somebody else deleted or overwrote it. Asks seldom when that
 * goes on: two processes with one id would else overwrite each other without end. A watch that ends is begun again by the
 * next sign of life. Safe for any thread.
 */
final class OwnKeyWatch implements AutoCloseable {
    private static final long LOOK_COST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long MOST_CREDIT_NANOS = TimeUnit.SECONDS.toNanos(50);

    /** What was written last; an event that tells just this is our own. */
    record Written(long lease, ByteSequence value) {}

    private final EtcdConnection connection;
    private final ByteSequence key;
    private final Environment environment;
    private final AtomicReference<Watch.@Nullable Watcher> watcher = new AtomicReference<>();
    private final AtomicLong paidUntilNanos;
    private volatile @Nullable Written written;
    private volatile Runnable look = () -> {};

    OwnKeyWatch(EtcdConnection connection, ByteSequence key, Environment environment) {
        this.connection = connection;
        this.key = key;
        this.environment = environment;
        this.paidUntilNanos = new AtomicLong(environment.ticker().nanos());
    }

    /** What is run, on a thread of the client, when the key is not ours any more. */
    void onLost(Runnable value) {
        look = value;
    }

    /** What we are about to write. */
    void writing(long lease, ByteSequence value) {
        written = new Written(lease, value);
    }

    boolean isWatched() {
        return watcher.get() != null;
    }

    /** Watches from a revision on, 0 for now. */
    void watchFrom(long revision) {
        close();
        Ending ending = new Ending();
        Watch.Watcher begun = connection
                .client()
                .getWatchClient()
                .watch(
                        key,
                        WatchOption.builder()
                                .withRevision(revision)
                                .withRequireLeader(true)
                                .build(),
                        Watch.listener(this::received, failure -> ending.tell(), ending::tell));
        watcher.set(begun);
        ending.of(begun);
    }

    @Override
    public void close() {
        end(watcher.getAndSet(null));
    }

    private void end(Watch.@Nullable Watcher old) {
        if (old != null) {
            connection.closeLater(old::close);
        }
    }

    private void received(WatchResponse response) {
        connection.heard();
        Written ours = written;
        for (WatchEvent event : response.getEvents()) {
            KeyValue entry = event.getKeyValue();
            boolean isOurs = ours != null
                    && event.getEventType() == WatchEvent.EventType.PUT
                    && entry.getLease() == ours.lease
                    && entry.getValue().equals(ours.value);
            if (!isOurs && mayLook()) {
                look.run();
                return;
            }
        }
    }

    private boolean mayLook() {
        long nowNanos = environment.ticker().nanos();
        long before = paidUntilNanos.get();
        long paid = (before - nowNanos > 0 ? before : nowNanos) + LOOK_COST_NANOS;
        return paid - nowNanos <= MOST_CREDIT_NANOS && paidUntilNanos.compareAndSet(before, paid);
    }

    /** The end of one watch, which may be told before its beginning has returned. */
    private final class Ending {
        private final AtomicReference<Watch.@Nullable Watcher> which = new AtomicReference<>();
        private volatile boolean told;

        void of(Watch.Watcher begun) {
            which.set(begun);
            if (told) {
                tell();
            }
        }

        void tell() {
            told = true;
            Watch.Watcher over = which.get();
            if (over != null && watcher.compareAndSet(over, null)) {
                end(over);
            }
        }
    }
}
