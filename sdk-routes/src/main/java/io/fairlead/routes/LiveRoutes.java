// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.api.Subscription;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadOptions;
import io.fairlead.routes.RoutesStatus.Origin;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Routes and options that follow a document. A document is applied whole, by {@link Fairlead#reconfigure}, or refused whole; one
 * that is bad, empty, deleted or not readable changes nothing: what is in force stays, which is logged and told. At the start the
 * source has 3 s; then the last good document on disk holds until the source has one that is right, and without it what code has
 * set. Of documents that come faster than they can be applied the last one counts. One that is right, but refused for a reason that
 * passes, as when a user's policy threw, is tried again until the source says something else. Safe for any thread.
 */
public final class LiveRoutes implements AutoCloseable {
    private final Fairlead fairlead;
    private final DocumentSource source;
    private final Environment environment;
    private final InstantSource clock;
    private final @Nullable DocumentStore store;
    private final RoutesTeller teller;
    private final SerialTasks work;
    private final NextTry nextTry;
    private final NextTry nextLastGood;
    private final Subscription claim;
    private final CountDownLatch ready = new CountDownLatch(1);

    /** What the source told last and the queue has not taken yet. */
    private final AtomicReference<@Nullable News> pending = new AtomicReference<>();

    private volatile RoutesStatus status;
    private volatile @Nullable Subscription subscription;
    private volatile @Nullable ScheduledFuture<?> patience;
    private volatile boolean closed;

    /** Whether a task changes options now: written before it looks at {@link #closed}. */
    private volatile boolean isChanging;

    /** Written by the queue only. */
    private volatile FairleadOptions code;

    // Only tasks of the queue use the rest.
    private @Nullable RouteDocument inForce;
    private String saved = "";

    /**
     * What a source told and nobody has taken yet: its last content, and the trouble it had after that.
     *
     * @param trouble empty when there was none
     */
    private record News(byte @Nullable [] content, String revision, String trouble) {
        News then(News next) {
            return next.content == null ? new News(content, revision, next.trouble) : next;
        }
    }

    private LiveRoutes(Builder from) {
        this.fairlead = from.fairlead;
        this.source = from.source;
        this.environment = fairlead.environment();
        this.clock = from.clock;
        String description = source.description();
        this.store = from.lastGood == null ? null : new DocumentStore(from.lastGood, description);
        this.teller = new RoutesTeller(description, environment.listener());
        this.work = new SerialTasks(environment, teller::failed);
        this.nextTry = new NextTry(environment, work);
        this.nextLastGood = new NextTry(environment, work);
        this.claim = fairlead.follow(description);
        this.code = fairlead.options();
        this.status = new RoutesStatus(Origin.CODE, description, "", "", "", null, null, "");
    }

    /** Joins a balancer and a source. What the balancer's options are when it starts is what code has set. */
    public static Builder builder(Fairlead fairlead, DocumentSource source) {
        return new Builder(fairlead, source);
    }

    /** Follows a document without a folder for the last good one. */
    public static LiveRoutes start(Fairlead fairlead, DocumentSource source) {
        return builder(fairlead, source).start();
    }

    /** What a start needs. Not thread-safe. */
    public static final class Builder {
        private final Fairlead fairlead;
        private final DocumentSource source;
        private @Nullable Path lastGood;
        private Duration patience = Duration.ofSeconds(3);
        private InstantSource clock = InstantSource.system();

        private Builder(Fairlead fairlead, DocumentSource source) {
            this.fairlead = Objects.requireNonNull(fairlead, "fairlead");
            this.source = Objects.requireNonNull(source, "source");
        }

        /**
         * Keeps the last good document in this folder, readable by its owner only, for a start while the source is away. Several
         * sources and processes may share one. Off by default.
         */
        public Builder lastGood(Path folder) {
            this.lastGood = Objects.requireNonNull(folder, "folder");
            return this;
        }

        /** How long the source has at the start before the last good document holds; default 3 s. */
        public Builder patience(Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException("patience: " + value + " (expected: zero or more)");
            }
            this.patience = value;
            return this;
        }

        /** Says what time it is, for people; default the system's clock. */
        public Builder clock(InstantSource value) {
            this.clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /**
         * Begins to follow the document. Waits for nothing; {@link LiveRoutes#awaitReady} does.
         *
         * @throws IllegalStateException when the balancer follows another document, or this one, already: each would undo what the
         *     other has set; it names both sources
         */
        public LiveRoutes start() {
            LiveRoutes routes = new LiveRoutes(this);
            routes.begin(patience);
            return routes;
        }
    }

    private void begin(Duration wait) {
        try {
            patience = environment
                    .scheduler()
                    .schedule(() -> work.execute(() -> change(this::fallBack)), wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (Throwable refused) {
            teller.failed(refused);
            work.execute(() -> change(this::fallBack));
        }
        try {
            subscription = source.watch(new Ear());
        } catch (Throwable refused) {
            close();
            throw refused;
        }
        if (closed) {
            close();
        }
    }

    /** Hears of the document. */
    private final class Ear implements DocumentSource.Listener {
        @Override
        public void onPresent(byte[] content, String revision) {
            hear(new News(content, revision, ""));
        }

        @Override
        public void onAbsent() {
            hear(new News(null, "", "absent"));
        }

        @Override
        public void onFailed(Throwable cause) {
            hear(new News(null, "", "can not be read: " + cause.getMessage()));
        }
    }

    /**
     * Waits until it is decided what holds at the start: the source's document, the last good one, or code.
     *
     * @return false when that took longer
     */
    public boolean awaitReady(Duration timeout) {
        try {
            return ready.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What is in force now. */
    public RoutesStatus status() {
        return status;
    }

    /** The options of code, below the document: what to change with {@link #reconfigure}. */
    public FairleadOptions code() {
        return code;
    }

    /**
     * Puts other options of code below the document, in force soon: while this is open, {@link Fairlead#reconfigure} alone would
     * hold only until the next document.
     *
     * @return completed when they are in force, or with what refused them, also that this is closed; then nothing changes
     */
    public CompletionStage<Void> reconfigure(FairleadOptions options) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        work.execute(() -> change(() -> {
            try {
                if (closed) {
                    throw new IllegalStateException("routes of " + source.description()
                            + " are closed (expected: LiveRoutes that nobody closed)");
                }
                RouteDocument document = inForce;
                fairlead.reconfigure(document == null ? options : document.over(options));
                code = options;
                done.complete(null);
            } catch (Throwable refused) {
                done.completeExceptionally(refused);
            }
        }));
        return done;
    }

    /**
     * Follows the document no longer; what is in force stays, with a change under way. Once that has ended another may follow
     * one. Idempotent, waits for nothing.
     */
    @Override
    public void close() {
        closed = true;
        Subscription open = subscription;
        if (open != null) {
            open.close();
        }
        ScheduledFuture<?> timer = patience;
        if (timer != null) {
            timer.cancel(false);
        }
        nextTry.end();
        nextLastGood.end();
        ready.countDown();
        if (!isChanging) {
            claim.close();
        }
    }

    /** A task that may change options; its own say whether it still may. */
    private void change(Runnable task) {
        isChanging = true;
        try {
            task.run();
        } finally {
            isChanging = false;
            if (closed) {
                claim.close();
            }
        }
    }

    private void hear(News news) {
        if (pending.getAndAccumulate(news, (before, next) -> before == null ? next : before.then(next)) != null) {
            return;
        }
        try {
            work.execute(() -> change(this::take));
        } catch (Throwable refused) {
            // No task will take it. It must not stand here, or nobody would start one for the next either.
            pending.set(null);
            throw refused;
        }
    }

    private void take() {
        News news = pending.getAndSet(null);
        if (news == null || closed) {
            return;
        }
        nextTry.done();
        if (news.content != null) {
            apply(news.content, news.revision, true);
        }
        if (!news.trouble.isEmpty()) {
            // A source that is well again says it anew.
            nextTry.done();
            keep("", "", news.trouble);
        }
    }

    /** One that may be taken later is told at the first try only. */
    private void apply(byte[] content, String revision, boolean isFirst) {
        try {
            RouteDocument before = inForce;
            RouteDocument document = RouteDocument.read(content);
            boolean isSame = before != null && before.hash().equals(document.hash());
            if (!isSame) {
                fairlead.reconfigure(document.over(code));
            }
            nextTry.done();
            nextLastGood.done();
            RoutesStatus had = status;
            Instant since = isSame ? status.appliedAt() : clock.instant();
            inForce = document;
            status = inForce(Origin.SOURCE, document, revision, since);
            save(document, content, revision);
            if (!isSame || had.isStale()) {
                work.execute(() -> teller.inForce(document, before, had.origin(), revision));
            }
        } catch (Throwable refused) {
            // Also an Error of a user's policy: what is in force must be known, and the next document come.
            boolean isSaid = refused instanceof IllegalArgumentException || refused instanceof IllegalStateException;
            String why = isSaid ? refused.getMessage() : refused.toString();
            boolean mayPass = NextTry.mayPass(refused);
            if (isFirst || !mayPass) {
                String later = mayPass ? "; it is tried again" : "";
                keep(revision, RouteDocument.versionOf(content), "refused: " + why + later);
            }
            tryAgain(mayPass, nextTry, () -> apply(content, revision, false));
        } finally {
            decided();
        }
    }

    private void tryAgain(boolean mayPass, NextTry next, Runnable what) {
        if (mayPass) {
            next.later(() -> change(what));
        } else {
            next.done();
        }
        if (closed) {
            next.end();
        }
    }

    private RoutesStatus inForce(Origin origin, RouteDocument document, String revision, @Nullable Instant since) {
        return new RoutesStatus(
                origin, source.description(), document.version(), revision, document.hash(), since, null, "");
    }

    /** Whatever it is, what is in force stays; at the start that is the last good document. */
    private void keep(String revision, String version, String why) {
        if (ready.getCount() > 0) {
            loadLastGood(true);
        }
        RoutesStatus now = status;
        String what = (revision.isEmpty() ? "" : "revision " + revision + " ") + why;
        Instant since = now.troubleSince() == null ? clock.instant() : now.troubleSince();
        status = new RoutesStatus(
                now.origin(), now.source(), now.version(), now.revision(), now.hash(), now.appliedAt(), since, what);
        teller.kept(version, what, status);
        decided();
    }

    /** The source has not said anything in time. */
    private void fallBack() {
        if (ready.getCount() > 0 && !closed) {
            keep("", "", "no answer yet");
        }
    }

    private void loadLastGood(boolean isFirst) {
        try {
            DocumentStore.Kept kept = store == null ? null : store.load();
            if (kept == null) {
                return;
            }
            RouteDocument document = RouteDocument.read(kept.content());
            fairlead.reconfigure(document.over(code));
            inForce = document;
            saved = document.hash();
            RoutesStatus before = status;
            status = new RoutesStatus(
                    Origin.DISK,
                    before.source(),
                    document.version(),
                    kept.revision(),
                    document.hash(),
                    kept.appliedAt(),
                    before.troubleSince(),
                    before.trouble());
            nextLastGood.done();
            if (!isFirst) {
                work.execute(() -> teller.inForce(document, null, Origin.CODE, kept.revision()));
            }
        } catch (Throwable unusable) {
            boolean mayPass = !(unusable instanceof IOException) && NextTry.mayPass(unusable);
            if (isFirst || !mayPass) {
                teller.ofNoUse(unusable, mayPass ? "; it is tried again" : "");
            }
            tryAgain(mayPass, nextLastGood, () -> loadLastGood(false));
        }
    }

    private void save(RouteDocument document, byte[] content, String revision) {
        if (store == null || document.hash().equals(saved)) {
            return;
        }
        try {
            store.save(new DocumentStore.Kept(content, revision, clock.instant()));
            saved = document.hash();
        } catch (IOException | RuntimeException failure) {
            teller.notKept(failure);
        }
    }

    private void decided() {
        ready.countDown();
        ScheduledFuture<?> timer = patience;
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
