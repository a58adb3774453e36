// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceDiscovery;
import io.fairlead.balancer.DryRun;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.spi.kit.LimitedTasks;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One service as this process knows it: what calls, people and the evaluator ask of it. It holds the parts and brings them
 * together:
 *
 * <ul>
 *   <li>{@link ServiceWatch} brings lists, from the registry or, when that is silent, from the store; {@link Freshness} says how
 *       current the one in force is;
 *   <li>{@link Roster} makes of lists, evaluations and options the instances, and the choice that calls pick from;
 *   <li>{@link Updates} has all that changes the roster run one after another, and tells what came of it afterwards;
 *   <li>{@link Acquirer} starts attempts; {@link ActiveChecks} checks instances when somebody asked for that.
 * </ul>
 *
 * Calls read one volatile field and never wait. Nothing here takes a lock, so whatever a callback holds or waits for, status,
 * explain, dry runs and closing go on. Safe for any thread.
 */
public final class WatchedService {
    /** For how long new options wait for a user's code that runs in an earlier change. */
    private static final long BUILD_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Threads for the calls that have waited for the first list. */
    private static final int WAITERS_AT_ONCE = 16;

    private final String service;
    private final ServiceSetup.Given options;
    private final Freshness freshness;
    private final Freshness.Waiters waiters;
    private final Roster roster;
    private final ActiveChecks.Current checks;
    private final Updates updates;
    private final ServiceWatch watch;
    private final NoInstanceMessages messages;
    private final Acquirer acquirer;
    private final AtomicBoolean evaluating = new AtomicBoolean();
    private volatile long usedNanos;
    private volatile @Nullable Throwable unusable;

    WatchedService(String service, ServiceSetup.Given options, NoInstanceMessages messages) {
        this.service = service;
        this.options = options;
        this.usedNanos = now();
        this.freshness = new Freshness(now());
        this.waiters = new Freshness.Waiters(new LimitedTasks(
                options.environment().executor(),
                WAITERS_AT_ONCE,
                failure -> options.environment().listener().onCallbackFailed("call to '" + service + "'", failure)));
        this.roster = new Roster(service, options);
        this.checks = new ActiveChecks.Current(options.service().health(), options.checks());
        this.messages = messages;
        this.acquirer = new Acquirer(service, options.environment(), options.counts(), this::none);
        this.updates = new Updates(this::letWaitersGoOn, this::news, this::failed);
        this.watch = new ServiceWatch(service, options, freshness, roster, updates);
    }

    /** Starts the watch; once. */
    void start(ServiceDiscovery discovery) {
        watch.start(discovery);
    }

    void close() {
        checks.close();
        watch.close();
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
    ServiceSetup.Next build(ServiceOptions next) {
        try {
            return updates.ask(() -> roster.build(service, next, now()), BUILD_PATIENCE_NANOS);
        } catch (TimeoutException hanging) {
            throw new IllegalStateException(
                    "reconfigure: a policy, a guard or an earlier change of '" + service
                            + "' has not returned (expected: within 10 s); nothing has changed",
                    hanging);
        }
    }

    /**
     * Puts options in force. When this returns they are, unless something of a user's hangs in an earlier change.
     *
     * @return what kept it from that, or null
     */
    @Nullable
    RefusedOption putInForce(ServiceSetup.Next next) {
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

    private @Nullable RefusedOption changeOptions(Supplier<ServiceSetup.Next> next) {
        CountDownLatch done = new CountDownLatch(1);
        AtomicReference<@Nullable RefusedOption> refused = new AtomicReference<>();
        updates.change(() -> {
            HealthPolicy before = setup().options().health();
            try {
                roster.putInForce(service, next.get(), now());
            } catch (RefusedOption thrown) {
                refused.set(thrown);
                throw thrown;
            } finally {
                checks.change(setup().options().health(), before);
                done.countDown();
            }
        });
        Updates.await(done);
        return refused.get();
    }

    /** Whether this thread runs a policy or a guard of this service. */
    boolean isUpdatingHere() {
        return updates.isRunningHere();
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

    /** Picks an instance and starts an attempt, its call's {@code number}-th, where there are no routes. */
    public InstanceAttempt start(ServiceSetup setup, PickContext context, int number, long nowNanos) {
        return acquirer.start(setup.choice(), context, number, nowNanos);
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
        if (chain != null && !status.instances().isEmpty() && roster.picture().isEmpty(chain)) {
            return messages.subsetEmpty(
                    status,
                    chain.rule().name(),
                    roster.picture().described(chain),
                    roster.picture().sizesOfOthers(chain));
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
        counts().noInstance(notReady.reason());
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

    /** Once a second. One that has not begun yet is enough. */
    void evaluate() {
        if (evaluating.compareAndSet(false, true)) {
            updates.change(() -> {
                evaluating.set(false);
                long nowNanos = now();
                roster.evaluate(
                        freshness.isOlderThan(setup().options().outagePolicy().maxAge(), nowNanos), nowNanos);
            });
        }
    }

    /** What came of the updates, as a task that tells it. */
    private Runnable news() {
        Announcements made = roster.announcements(now());
        freshness.held(roster.held(), now());
        boolean checksEnded = checks.takeEnded();
        return () -> tell(made, checksEnded);
    }

    private void tell(Announcements made, boolean checksEnded) {
        roster.tell(service, made);
        checks.follow(made.members());
        if (checksEnded) {
            made.members().stream()
                    .filter(state -> state.condition().failedCheck() != null)
                    .forEach(state -> state.condition().checked(null, now()));
        }
        made.tellHeld(service, options.environment().listener());
    }

    private void letWaitersGoOn() {
        if (isReady()) {
            waiters.announce();
        }
    }

    private void failed(Throwable failure) {
        if (!isReady()) {
            unusable = failure;
        }
        options.environment().listener().onCallbackFailed("an update of '" + service + "'", failure);
    }

    public Explanation explain(PickContext context, int most) {
        return roster.picture().explain(service, context, most, now());
    }

    public DryRun rehearse(IntFunction<PickContext> contexts, int picks) {
        return roster.picture().rehearse(service, contexts, picks, options.environment(), now());
    }

    /** What is counted of it. */
    public ServiceCounts counts() {
        return options.counts();
    }

    public ServiceStatistics statistics() {
        return counts().read(service);
    }

    public ServiceStatus status() {
        long nowNanos = now();
        ServiceSetup now = setup();
        Picture picture = roster.picture();
        return new ServiceStatus(
                service,
                now.options().policy().name(),
                freshness.view(nowNanos),
                now.panics(),
                now.stages().retries().balanceMillis() / 1000.0,
                picture.instances(nowNanos),
                now.stages().view(nowNanos),
                picture.routes(nowNanos));
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
