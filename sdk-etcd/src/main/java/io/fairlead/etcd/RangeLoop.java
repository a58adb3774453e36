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
import io.fairlead.spi.Backoff;
import io.fairlead.spi.Environment;
import io.fairlead.spi.WatchLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lists a range of keys, a prefix or just one, watches it from the list's revision, and hands on what comes. On any error, end
 * or silence the watcher is thrown away and the range listed again; a watcher is never resumed, because what happened in
 * between would be lost. A header that is older than one before it says little, as a member may lag: the next beat lists, and
 * only a list whose revision went back counts. One {@link WatchLoop} carries it: a round is a list. Callbacks of thrown-away
 * watchers are told by their generation.
 */
final class RangeLoop implements WatchLoop.Rounds, AutoCloseable {
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int SILENT_BEATS = 3;
    private static final long GIVE_UP_NANOS = 2 * EtcdConnection.DEADLINE_NANOS;
    private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final String what;
    private final ByteSequence key;
    private final boolean isPrefix;
    private final Follower follower;
    private final EtcdConnection connection;
    private final Duration fullListEvery;
    private final Environment environment;
    private final WatchLoop loop;

    // The rest belongs to the loop's queue.
    private final Backoff backoff;
    private Watch.@Nullable Watcher watcher;
    private int generation;
    private long listed;
    private long revision;
    private long heardNanos;

    /** Who wants to know. All methods are called on the serial queue; what they throw is a failure of the loop. */
    interface Follower {
        /** All there is. */
        void listed(List<KeyValue> entries);

        /** What happened since, in order; at least one event. */
        void changed(List<WatchEvent> events);

        /** Nothing has happened. */
        void confirmed();

        /** The store has another life than before; a list follows. */
        void wentBack(RegistryException cause);

        /** Nobody can say what there is; it is listed again after a while. */
        void interrupted(RegistryException cause);
    }

    /**
     * Nothing runs before {@link #start}.
     *
     * @param what names it in messages, as in {@code watch of 'orders'}
     */
    RangeLoop(
            String what,
            ByteSequence key,
            boolean isPrefix,
            Follower follower,
            EtcdConnection connection,
            Duration fullListEvery,
            Environment environment) {
        this.what = what;
        this.key = key;
        this.isPrefix = isPrefix;
        this.follower = follower;
        this.connection = connection;
        this.fullListEvery = fullListEvery;
        this.environment = environment;
        this.backoff = Backoff.ofRegistry(environment.random());
        this.loop = new WatchLoop(what, environment, BEAT_NANOS, this);
    }

    void start() {
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
        connection
                .ask(client -> client.getKVClient()
                        .get(key, GetOption.builder().isPrefix(isPrefix).build()))
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
            follower.wentBack(new RegistryException(
                    Reason.INVALID_ANSWER,
                    connection.description() + ": the revision went back from " + revision + " to " + seen));
        }
        listed = seen;
        revision = seen;
        // Whatever an event may have been lost by, it is not lost for ever.
        double jitter = 0.8 + 0.4 * environment.random().nextDouble();
        loop.next((long) (fullListEvery.toNanos() * jitter));
        watchFrom(seen);
        follower.listed(response.getKvs());
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
                .isPrefix(isPrefix)
                .withRevision(from)
                .withRequireLeader(true)
                .withCreateNotify(true)
                .build();
        watcher = connection
                .client()
                .getWatchClient()
                .watch(
                        key,
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
        // What to skip is told by the list alone: the store's revision in a header may be ahead of events that are
        // still to
        // come. It is there only to notice a store that went back.
        List<WatchEvent> news = response.getEvents().stream()
                .filter(event -> event.getKeyValue().getModRevision() > listed)
                .toList();
        revision = Math.max(revision, seen);
        if (!news.isEmpty()) {
            follower.changed(news);
        } else if (!isOlder) {
            follower.confirmed();
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
        follower.interrupted(known);
        dropWatcher();
        return pause;
    }

    private RegistryException known(Throwable failure) {
        if (failure instanceof RegistryException known) {
            return known;
        }
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

    private RegistryException unreachable(String happened, @Nullable Throwable cause) {
        return new RegistryException(
                Reason.UNREACHABLE, connection.description() + ": the " + what + " " + happened, cause);
    }
}
