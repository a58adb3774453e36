// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.EventListener;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceDiscovery;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.balancer.DryRun;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.store.SnapshotStore;
import io.fairlead.spi.kit.LimitedTasks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One service as this process knows it: its watch, its store, and the roster every call reads the choice of. Calls read
 * one volatile field and never wait; lists and the evaluator change things one after another ({@link Updates}), and what
 * came of it is told after that, by one thread at a time. Nothing here takes a lock, so whatever a callback holds or waits
 * for, status, explain, dry runs and closing go on.
 */
public final class WatchedService implements SnapshotListener {
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** For how long new options wait for a user's code that runs in an earlier change. */
    private static final long BUILD_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Duration STORE_AFTER = Duration.ofMillis(500);

    /** Threads for the calls that have waited for the first list. */
    private static final int WAITERS_AT_ONCE = 16;

    private final String service;
    private final BalancerOptions options;
    private final Freshness freshness;
    private final Freshness.Waiters waiters;
    private final Roster roster;
    private volatile @Nullable ActiveChecks checks;
    private boolean endsChecks; // belongs to the updates, until it is told
    private final Updates updates;
    private final NoInstanceMessages messages;
    private final Acquirer acquirer;
    private final AtomicBoolean evaluating = new AtomicBoolean();
    private final AtomicReference<@Nullable Delivery> delivered = new AtomicReference<>();
    private final AtomicReference<@Nullable Subscription> subscription = new AtomicReference<>();
    /** Whether somebody tells, or is about to. */
    private final AtomicBoolean telling = new AtomicBoolean();

    private final AtomicReference<@Nullable Runnable> toTell = new AtomicReference<>();
    private volatile long usedNanos;
    private volatile boolean closed;
    private volatile @Nullable Throwable unusable;
    private boolean hasNews; // belongs to the updates
    private @Nullable ServiceSnapshot newest; // belongs to the updates, until it is told
    private int newlyHeld; // belongs to the updates, until it is told
    private String heldReason = ""; // belongs to the updates

    /** A list that waits to be adopted. */
    private record Delivery(ServiceSnapshot list, boolean afterInterruption, CountDownLatch adopted) {
        /** The newer one of two; what an interruption may have hidden from the older is hidden from it too. */
        Delivery after(@Nullable Delivery untaken) {
            return untaken == null ? this : new Delivery(list, afterInterruption || untaken.afterInterruption, adopted);
        }
    }

    private static void await(CountDownLatch change) {
        try {
            boolean unused = change.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    WatchedService(String service, BalancerOptions options, NoInstanceMessages messages) {
        this.service = service;
        this.options = options;
        this.usedNanos = now();
        this.freshness = new Freshness(now());
        this.waiters = new Freshness.Waiters(new LimitedTasks(
                options.environment().executor(),
                WAITERS_AT_ONCE,
                failure -> options.environment().listener().onCallbackFailed("call to '" + service + "'", failure)));
        this.roster = new Roster(service, options);
        this.checks = ActiveChecks.of(options.service().health(), options.checks());
        this.messages = messages;
        this.acquirer = new Acquirer(service, options.environment(), this::none);
        this.updates = new Updates(this::failed);
    }

    /** Starts the watch; once. */
    void start(ServiceDiscovery discovery) {
        if (options.store() != null) {
            var unused = options.environment()
                    .scheduler()
                    .schedule(this::useStored, STORE_AFTER.toNanos(), TimeUnit.NANOSECONDS);
        }
        subscription.set(discovery.watch(service, this));
        if (closed) {
            endWatch();
        }
    }

    void close() {
        closed = true;
        endWatch();
        endChecks();
        SnapshotStore store = options.store();
        if (store != null) {
            store.forget(service);
        }
    }

    private void endWatch() {
        Subscription ending = subscription.getAndSet(null);
        if (ending != null) {
            try {
                ending.close();
            } catch (Throwable failure) {
                // Others' watches are to end too.
                options.environment().listener().onCallbackFailed("the end of the watch of '" + service + "'", failure);
            }
        }
    }

    String service() {
        return service;
    }

    /** When the cache was last told of a use. */
    long usedNanos() {
        return usedNanos;
    }

    void use(long nowNanos) {
        usedNanos = nowNanos;
    }

    /** What is in force for calls that begin now. */
    public ServiceSetup setup() {
        return roster.setup();
    }

    /**
     * Other options, ready to be put in force; nothing has changed.
     *
     * @throws RefusedOption when a user's code throws
     * @throws IllegalStateException when a user's code hangs in an earlier change
     */
    NextSetup build(ServiceOptions next) {
        try {
            return updates.ask(() -> roster.build(service, next, now()), BUILD_PATIENCE_NANOS);
        } catch (TimeoutException hanging) {
            throw new IllegalStateException(
                    "reconfigure: a policy, a guard or an earlier change of '" + service
                            + "' has not returned (expected: within 10 s); nothing has changed",
                    hanging);
        } finally {
            // What others left to this thread meanwhile may be to tell.
            tell();
        }
    }

    /**
     * Puts options in force. When this returns they are, unless something of a user's hangs in an earlier change.
     *
     * @return what kept it from that, or null
     */
    @Nullable
    RefusedOption putInForce(NextSetup next) {
        return next.isSame() ? null : changeOptions(() -> next);
    }

    /**
     * Takes up options by itself, as a new service does.
     *
     * @param options asked within the update, so that of two changes at once the newest options stay
     * @return what kept it from that, or null
     */
    @Nullable
    RefusedOption takeUp(Supplier<ServiceOptions> options) {
        return changeOptions(() -> roster.build(service, options.get(), now()));
    }

    private @Nullable RefusedOption changeOptions(Supplier<NextSetup> next) {
        CountDownLatch done = new CountDownLatch(1);
        AtomicReference<@Nullable RefusedOption> refused = new AtomicReference<>();
        change(() -> {
            HealthPolicy before = setup().options().health();
            try {
                roster.putInForce(service, next.get(), now());
            } catch (RefusedOption thrown) {
                refused.set(thrown);
                throw thrown;
            } finally {
                changeChecks(setup().options().health(), before);
                done.countDown();
            }
        });
        await(done);
        return refused.get();
    }

    /** Whether this thread runs a policy or a guard of this service. */
    boolean isUpdatingHere() {
        return updates.isRunningHere();
    }

    private void changeChecks(HealthPolicy next, HealthPolicy before) {
        boolean isSame = next.check().equals(before.check())
                && next.failures() == before.failures()
                && next.successes() == before.successes();
        if (isSame || closed) {
            return;
        }
        ActiveChecks ending = checks;
        checks = ActiveChecks.of(next, this.options.checks());
        endsChecks |= ending != null && checks == null;
        if (ending != null) {
            ending.close();
        }
        if (closed) {
            endChecks();
        }
    }

    private void endChecks() {
        ActiveChecks ending = checks;
        if (ending != null) {
            ending.close();
        }
    }

    /** Waits for the registry's first answer; true when it has come. */
    public boolean awaitFirstList(long nanos) {
        return freshness.await(nanos);
    }

    /** As long as the options say; only the first calls ever wait. */
    public void awaitFirstList() {
        if (!isReady() && !awaitFirstList(setup().firstListNanos())) {
            throw notReadyInTime();
        }
    }

    public boolean isReady() {
        return freshness.isReady();
    }

    /** Picks an instance of a call's setup and starts an attempt, its call's {@code number}-th. */
    public InstanceAttempt start(
            ServiceSetup setup, @Nullable Chain chain, PickContext context, int number, long nowNanos) {
        return chain == null
                ? acquirer.start(setup.choice(), context, number, nowNanos)
                : acquirer.start(setup.choices(), chain, context, number, nowNanos);
    }

    /** As {@link #start}, beside a slow attempt and in its subset; null when that has no other instance. */
    public @Nullable InstanceAttempt startBeside(
            ServiceSetup setup, Chain chain, InstanceAttempt slow, PickContext context, int number, long nowNanos) {
        return acquirer.hedge(setup.choices(), chain, slow, context, number, nowNanos);
    }

    private NoInstanceException none(PickContext context, @Nullable Chain chain) {
        ServiceStatus status = status();
        if (chain != null && !status.instances().isEmpty() && roster.isEmpty(chain)) {
            return messages.subsetEmpty(
                    status, chain.rule().name(), roster.described(chain), roster.sizesOfOthers(chain));
        }
        return messages.none(status, isUnknown(), roster.lastRejection(), most -> explain(context, most));
    }

    /** The first list did not come within so long. */
    public NoInstanceException notReady(long waitedNanos) {
        return messages.notReady(service, freshness.interruption(), unusable, waitedNanos);
    }

    /** The first list did not come in the time that a call waits for it, which the listener is told. */
    public NoInstanceException notReadyInTime() {
        NoInstanceException notReady = notReady(setup().firstListNanos());
        options.environment().listener().onNoInstance(notReady);
        return notReady;
    }

    /** Calls that wait for the first list without a thread. */
    public Freshness.Waiters waiters() {
        return waiters;
    }

    /** Whether this service never had an instance: probably a misspelt name. */
    boolean isUnknown() {
        return !roster.isEverKnown();
    }

    /**
     * When this returns, the list is in force, unless something of a user's hangs in an earlier change: then the list waits
     * for it alone, and of several the newest.
     */
    @Override
    public void onSnapshot(ServiceSnapshot next) {
        Delivery mine = new Delivery(next, freshness.isStale(), new CountDownLatch(1));
        Delivery before = delivered.getAndUpdate(untaken -> mine.after(untaken));
        freshness.heard(now());
        if (before == null) {
            change(this::adoptDelivered);
        }
        await(mine.adopted());
    }

    private void adoptDelivered() {
        Delivery delivery = delivered.getAndSet(null);
        if (delivery != null) {
            try {
                adopt(delivery);
            } finally {
                delivery.adopted.countDown();
            }
        }
    }

    private void adopt(Delivery delivery) {
        if (closed) {
            return;
        }
        ServiceSnapshot next = delivery.list();
        boolean afterInterruption = delivery.afterInterruption() || freshness.isFromStore();
        int held = roster.adopt(next, afterInterruption, now());
        freshness.listed(next.revision());
        newest = next;
        newlyHeld += held;
        heldReason = afterInterruption ? "missing after an interruption" : "most vanished at once";
        SnapshotStore store = options.store();
        if (store != null) {
            store.save(new ServiceSnapshot(service, next.revision(), roster.instances()));
        }
    }

    @Override
    public void onInterrupted(RegistryException cause) {
        freshness.interrupted(cause);
        useStored();
    }

    @Override
    public void onConfirmed() {
        freshness.confirmed(now());
    }

    /** The registry does not answer and there is no list yet: better yesterday's than none. */
    private void useStored() {
        SnapshotStore store = options.store();
        if (store != null && !isReady()) {
            store.load(service, this::adoptStored);
        }
    }

    private void adoptStored(ServiceSnapshot stored) {
        change(() -> {
            if (closed || isReady() || stored.isEmpty()) {
                return;
            }
            int unused = roster.adopt(stored, false, now());
            freshness.restored(stored.revision());
            newest = stored;
        });
    }

    /** Once a second. One that has not begun yet is enough. */
    void evaluate() {
        if (evaluating.compareAndSet(false, true)) {
            change(() -> {
                evaluating.set(false);
                long nowNanos = now();
                roster.evaluate(
                        freshness.isOlderThan(setup().options().outagePolicy().maxAge(), nowNanos), nowNanos);
            });
        }
    }

    private void change(Runnable change) {
        updates.run(() -> {
            hasNews = true;
            try {
                change.run();
            } finally {
                collect();
            }
        });
        tell();
    }

    /** While somebody tells, what follows is gathered and told as one. */
    private void collect() {
        if (hasNews && telling.compareAndSet(false, true)) {
            hasNews = false;
            ServiceSnapshot list = newest;
            int held = newlyHeld;
            String why = heldReason;
            newest = null;
            newlyHeld = 0;
            Announcements announcements = roster.announcements(now());
            List<AddressFilter.Rejection> rejections = roster.takeRejections();
            boolean ended = endsChecks;
            endsChecks = false;
            toTell.set(() -> tell(list, rejections, announcements, held, why, ended));
        }
    }

    /** Guards and listeners hear from whoever is free to tell, not within an update: one that blocks stops no list. */
    private void tell() {
        if (isReady()) {
            waiters.announce();
        }
        for (Runnable next = toTell.getAndSet(null); next != null; next = toTell.getAndSet(null)) {
            try {
                next.run();
            } catch (Throwable failure) {
                failed(failure);
            } finally {
                telling.set(false);
            }
            updates.run(this::collect);
        }
    }

    private void tell(
            @Nullable ServiceSnapshot list,
            List<AddressFilter.Rejection> rejections,
            Announcements announcements,
            int held,
            String heldWhy,
            boolean ended) {
        EventListener listener = options.environment().listener();
        roster.tellRejections(rejections);
        if (list != null) {
            listener.onSnapshot(list);
        }
        announcements.tell(service, listener);
        ActiveChecks following = checks;
        if (following != null && !closed) {
            following.follow(announcements.members());
        }
        if (ended) {
            announcements.members().stream()
                    .filter(state -> state.condition().failedCheck() != null)
                    .forEach(state -> state.condition().checked(null, now()));
        }
        if (held > 0) {
            listener.onInstancesHeld(service, held, heldWhy);
        }
    }

    private void failed(Throwable failure) {
        if (!isReady()) {
            unusable = failure;
        }
        options.environment().listener().onCallbackFailed("an update of '" + service + "'", failure);
    }

    public Explanation explain(PickContext context, int most) {
        return roster.explain(service, context, most, now());
    }

    public DryRun rehearse(IntFunction<PickContext> contexts, int picks) {
        return roster.rehearse(service, contexts, picks, now());
    }

    public ServiceStatus status() {
        long nowNanos = now();
        RegistryException cause = freshness.interruption();
        ServiceSetup now = setup();
        return new ServiceStatus(
                service,
                now.options().policy().name(),
                isReady(),
                freshness.age(nowNanos),
                freshness.isStale(),
                cause == null ? null : cause.getMessage(),
                freshness.revision(),
                now.choice().panic(),
                now.stages().retries().balanceMillis() / 1000.0,
                roster.views(nowNanos),
                now.stages().view(nowNanos));
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
