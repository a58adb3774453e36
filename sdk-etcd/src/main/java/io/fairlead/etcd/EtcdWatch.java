// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.BackendWatch;
import io.fairlead.spi.Backoff;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RejectedEntries;
import io.fairlead.spi.SnapshotFeed;
import io.fairlead.spi.WatchLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one service: lists it, watches from the list's revision, applies what comes. On any error, end or silence the
 * watcher is thrown away and the service listed again; a watcher is never resumed, because what happened in between would be
 * lost. A header that is older than one before it says little, as a member may lag: the next beat lists, and only a list
 * whose revision went back counts as an interruption. One {@link WatchLoop} carries it: a round is a list. Callbacks of
 * thrown-away watchers are told by their generation.
 */
final class EtcdWatch implements BackendWatch, WatchLoop.Rounds {
    private static final Logger LOG = LoggerFactory.getLogger(EtcdWatch.class);
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int SILENT_BEATS = 3;
    private static final long GIVE_UP_NANOS = 2 * EtcdConnection.DEADLINE_NANOS;
    private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final String service;
    private final KeyLayout layout;
    private final EtcdConnection connection;
    private final Duration fullListEvery;
    private final Environment environment;
    private final SnapshotFeed feed;
    private final WatchLoop loop;

    // The rest belongs to the loop's queue.
    private final Backoff backoff;
    private final ListedEntries entries;
    private Watch.@Nullable Watcher watcher;
    private int generation;
    private long listed;
    private long revision;
    private long heardNanos;

    EtcdWatch(
            String service,
            KeyLayout layout,
            ValueCodec codec,
            EtcdConnection connection,
            Duration fullListEvery,
            Environment environment,
            SnapshotFeed feed) {
        this.service = service;
        this.layout = layout;
        this.connection = connection;
        this.fullListEvery = fullListEvery;
        this.environment = environment;
        this.feed = feed;
        RejectedEntries rejected = new RejectedEntries(
                service,
                environment.listener(),
                (entry, reason) -> LOG.warn("entry {} of '{}': {}", entry, service, reason));
        this.entries = new ListedEntries(new EntryReader(service, layout, codec, rejected));
        this.backoff = Backoff.ofRegistry(environment.random());
        this.loop = new WatchLoop("watch of '" + service + "'", environment, BEAT_NANOS, this);
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
    public void ended() {
        dropWatcher();
    }

    /** Lists. */
    @Override
    public void round() {
        loop.next(GIVE_UP_NANOS);
        dropWatcher();
        int mine = generation;
        ByteSequence prefix = layout.service(service);
        connection
                .ask(client -> client.getKVClient()
                        .get(prefix, GetOption.builder().isPrefix(true).build()))
                .whenComplete((response, failure) -> on(mine, () -> {
                    if (failure != null) {
                        throw connection.translated(failure);
                    }
                    listed(response);
                }));
    }

    private void listed(GetResponse response) {
        long seen = response.getHeader().getRevision();
        if (seen < revision) {
            feed.interrupt(new RegistryException(
                    Reason.INVALID_ANSWER,
                    connection.description() + ": the revision went back from " + revision + " to " + seen));
        }
        listed = seen;
        revision = seen;
        entries.replace(response.getKvs());
        // Whatever an event may have been lost by, it is not lost for ever.
        double jitter = 0.8 + 0.4 * environment.random().nextDouble();
        loop.next((long) (fullListEvery.toNanos() * jitter));
        watchFrom(seen);
        feed.publish(entries.instances());
        backoff.reset();
    }

    /**
     * From the list's own revision, skipping what the list had: a watch from the next one is not answered while the store
     * stands still by some servers, so that silence would mean nothing.
     */
    private void watchFrom(long from) {
        int mine = generation;
        heardNanos = environment.ticker().nanos();
        WatchOption option = WatchOption.builder()
                .isPrefix(true)
                .withRevision(from)
                .withRequireLeader(true)
                .withCreateNotify(true)
                .build();
        watcher = connection
                .client()
                .getWatchClient()
                .watch(
                        layout.service(service),
                        option,
                        Watch.listener(
                                response -> on(mine, () -> received(response)),
                                failure -> on(mine, () -> {
                                    throw connection.translated(failure);
                                }),
                                () -> on(mine, () -> {
                                    throw unreachable("ended", null);
                                })));
    }

    private void on(int mine, Runnable news) {
        loop.run(() -> {
            if (mine == generation) {
                news.run();
            }
        });
    }

    private void received(WatchResponse response) {
        heardNanos = environment.ticker().nanos();
        connection.heard();
        long seen = response.getHeader().getRevision();
        boolean isOlder = seen > 0 && seen < revision;
        if (isOlder) {
            // Under many writes a header may be older than one before it, and a member that lags says so at every
            // watch. The list knows whether the store went back; it is asked after a pause.
            loop.nextWithin(BEAT_NANOS);
        }
        boolean changed = false;
        for (WatchEvent event : response.getEvents()) {
            KeyValue entry = event.getKeyValue();
            if (entry.getModRevision() <= listed) {
                continue;
            }
            changed = true;
            if (event.getEventType() == WatchEvent.EventType.PUT) {
                entries.put(entry);
            } else {
                entries.remove(entry);
            }
        }
        // Only to notice a store that went back. What to skip is told by the list alone: the store's revision in a
        // header may be ahead of events that are still to come.
        revision = Math.max(revision, seen);
        if (changed) {
            feed.publish(entries.instances());
        } else if (!isOlder) {
            feed.confirm();
        }
    }

    /** A watch that works is asked for a sign of life. */
    @Override
    public void beat() {
        Watch.Watcher current = watcher;
        if (current == null) {
            return;
        }
        if (environment.ticker().nanos() - heardNanos > SILENT_BEATS * BEAT_NANOS) {
            throw unreachable("fell silent", null);
        }
        try {
            current.requestProgress();
        } catch (RuntimeException noStream) {
            // jetcd throws a NullPointerException while it makes its stream anew, as after a server's restart.
            throw unreachable("has no stream: " + noStream, noStream);
        }
    }

    @Override
    public long failed(Throwable failure) {
        RegistryException known = known(failure);
        long closedNanos = connection.closedForNanos();
        long least = Backoff.leastNanos(known);
        long pause = Math.max(least, backoff.nextNanos());
        if (least == 0 && closedNanos > 0) {
            // Everybody waits for the same moment, and a little apart.
            pause = closedNanos + environment.random().nextLong(SPREAD_NANOS);
        }
        feed.interrupt(known);
        dropWatcher();
        return pause;
    }

    private RegistryException known(Throwable failure) {
        if (failure instanceof RegistryException known) {
            return known;
        }
        String what = "watch of '" + service + "'";
        environment.listener().onCallbackFailed(what, failure);
        return new RegistryException(
                Reason.INVALID_ANSWER, connection.description() + ": the " + what + " failed: " + failure, failure);
    }

    private void dropWatcher() {
        generation++;
        Watch.Watcher old = watcher;
        watcher = null;
        if (old != null) {
            connection.closeLater(old::close);
        }
    }

    private RegistryException unreachable(String what, @Nullable Throwable cause) {
        return new RegistryException(
                Reason.UNREACHABLE, connection.description() + ": the watch of '" + service + "' " + what, cause);
    }
}
