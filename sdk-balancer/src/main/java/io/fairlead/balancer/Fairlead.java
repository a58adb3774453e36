// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registry;
import io.fairlead.api.Subscription;
import io.fairlead.balancer.ServiceOptions.ServiceGuardUse;
import io.fairlead.balancer.call.AsyncCall;
import io.fairlead.balancer.call.AttemptPipeline;
import io.fairlead.balancer.call.BlockingCall;
import io.fairlead.balancer.call.WorkerTransport;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.service.ActiveChecks;
import io.fairlead.balancer.service.RefusedOption;
import io.fairlead.balancer.service.ServiceSetup;
import io.fairlead.balancer.service.WatchedService;
import io.fairlead.balancer.service.WatchedServices;
import io.fairlead.balancer.stage.Nanos;
import io.fairlead.balancer.store.SnapshotStore;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.spi.LatencyMemory;
import io.fairlead.spi.kit.LimitedTasks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Guides calls to good instances of the services they name. Keeps, per service, the instance list the registry's watch
 * delivers, with live load, latency and a guard for each instance; a call picks from it without waiting for the registry.
 * Safe for any thread. Make one per registry and share it.
 *
 * <p>A service is watched from its first call, or from {@link #awaitReady}, until it has not been used for ten minutes; a name
 * that no registry knows for 2 s. Until there is a first list a call waits for it, at most 3 s; then none waits.
 */
public final class Fairlead implements AutoCloseable {
    private static final int CHECKS_AT_ONCE = 16;
    private static final int MAX_PICKS = 1_000_000;

    private volatile InForce inForce;
    private final Registry registry;
    private final Environment environment;
    private final AddressPolicy usualAddresses;
    private final ServiceHosts hosts;
    private final WatchedServices services;
    private final ChangeOrder changes = new ChangeOrder();

    /**
     * Options, and what was worked out of them once.
     *
     * @param common what every service has, with what was found on the class path
     * @param hedgesAny whether any service is hedged
     */
    private record InForce(FairleadOptions options, ServiceOptions common, boolean hedgesAny) {
        static InForce of(FairleadOptions options) {
            boolean hedgesAny = options.kinds().anyMatch(kind -> !kind.hedging().isOff());
            return new InForce(options, options.forEveryService().found(), hedgesAny);
        }

        ServiceOptions of(String service) {
            return options.forService(service).over(common).resolved();
        }
    }

    Fairlead(Registry registry, FairleadOptions given, Environment environment) {
        AddressPolicy usual = AddressPolicy.defaults();
        this.usualAddresses = registry.isInProcess() ? usual.allowLoopback() : usual;
        FairleadOptions options = given.orAddressPolicy(usualAddresses);
        options.kinds().forEach(Fairlead::requireServiceGuard);
        options.kinds().forEach(kind -> requireOneMemory(kind, BalancingPolicy::latencyMemory));
        this.inForce = InForce.of(options);
        this.registry = registry;
        this.environment = environment;
        this.hosts = options.hosts();
        ActiveChecks.Shared checks = new ActiveChecks.Shared(
                options.addressPolicy(),
                new LimitedTasks(
                        environment.executor(),
                        environment.scheduler(),
                        CHECKS_AT_ONCE,
                        failure -> environment.listener().onCallbackFailed("health checks", failure)),
                environment);
        SnapshotStore store = options.snapshots()
                .map(folder -> new SnapshotStore(folder, registry.identity(), environment))
                .orElse(null);
        WeightAdvice.give(WeightAdvice.of(options.kinds()));
        this.services = new WatchedServices(
                registry,
                environment,
                options.idleAfter(),
                hosts::serviceOf,
                service -> new ServiceSetup.Given(
                        environment,
                        options.addressPolicy(),
                        options.caller(),
                        checks,
                        store,
                        new ServiceCounts(),
                        inForce.of(service)));
    }

    /** An instance remembers its latency in one way, whoever picks it. Asks policies. */
    private static void requireOneMemory(ServiceOptions options, Function<BalancingPolicy, LatencyMemory> memoryOf) {
        Routes routes = options.routes();
        if (routes.isOff()) {
            return;
        }
        LatencyMemory memory = memoryOf.apply(options.policy());
        List<Rule> rules = new ArrayList<>(routes.rules());
        rules.add(routes.otherwise());
        for (Rule rule : rules) {
            BalancingPolicy own = rule.policy();
            if (own != null && memoryOf.apply(own) != memory) {
                throw new IllegalArgumentException("routes: rule '" + rule.name() + "' has policy '" + own.name()
                        + "', which remembers latency otherwise than the service's '"
                        + options.policy().name() + "' (expected: one that remembers " + memory + ')');
            }
        }
    }

    private static void requireServiceGuard(ServiceOptions options) {
        if (options.serviceGuardUse() == ServiceGuardUse.REJECTS && FoundProviders.isNone(options.serviceGuard())) {
            throw new IllegalStateException(
                    "no guard for whole services found (expected: fairlead-circuitbreaker on the class path, or"
                            + " serviceGuard(…) on the builder)");
        }
    }

    /** A balancer over {@code registry} with every default. It does not own the registry: close both. */
    public static Fairlead create(Registry registry) {
        return builder(registry).build();
    }

    /** For other policies, budgets, guards, and names of services. */
    public static FairleadBuilder builder(Registry registry) {
        return new FairleadBuilder(registry);
    }

    /**
     * Whether a URL's host names a service: a single label but {@code localhost}, and what the builder added; with or
     * without a dot at the end.
     */
    public boolean isService(String host) {
        return hosts.isService(host);
    }

    /** The service a URL's host names: lower case, without a dot at the end and a suffix the builder added. */
    public String serviceOf(String host) {
        return hosts.serviceOf(host);
    }

    /** The options in force. */
    public FairleadOptions options() {
        return inForce.options();
    }

    /**
     * Other options for everything that can be tuned, in force when this returns: for a service that is watched from its next
     * call on. A call that has begun goes on under those it began with, with the list it knew then. What is known of instances
     * and traffic stays: breakers keep their windows, retry budgets their level, rate limits their tokens, concurrency limits
     * their place, hedging its latencies. What is the same as before changes nothing.
     *
     * <p>The options of all services change, or of none: pickers and guards of a user's kind are made for every service first.
     * When one throws, this throws, and nothing has changed for any service. Who adds to {@link #options()} and reconfigures
     * while another thread does so too loses one of the two changes: of two at once the later call comes last, everywhere.
     * Safe for any thread, also within a listener or a call, but not within a policy or guard that is being asked.
     *
     * @throws IllegalArgumentException names an option that can not be changed while running, as {@code idleAfter},
     *     {@code addressPolicy}, {@code snapshots}, the names of services, or guards of another kind; or names service and
     *     option of which a user's code threw, which is the cause, with those of other services suppressed
     * @throws IllegalStateException when this is closed, when a user's code of an earlier change does not return within 10 s,
     *     or when such code calls this
     */
    public void reconfigure(FairleadOptions next) {
        Objects.requireNonNull(next, "options");
        if (services.isUpdatingHere()) {
            throw new IllegalStateException(
                    "reconfigure: called by a policy or guard (expected: by others); nothing has changed");
        }
        changes.run(() -> change(next.orAddressPolicy(usualAddresses)));
    }

    /**
     * Says that options follow a source from now on, as a document that is watched. Of two at once each would undo what the other
     * has set, so there is one at a time. {@link #reconfigure} is open to everybody all the same. Safe for any thread.
     *
     * @param source what is followed, for messages, as in {@code consul kv fairlead/routes}
     * @return ends it; idempotent
     * @throws IllegalStateException when they follow one already; it names both
     */
    public Subscription follow(String source) {
        return changes.claim(Objects.requireNonNull(source, "source"));
    }

    private void change(FairleadOptions wanted) {
        FairleadOptions running = inForce.options();
        wanted.requireSameAsRunning(running);
        wanted.kinds().forEach(Fairlead::requireServiceGuard);
        wanted.requireGuardsThatAdopt(running);
        List<String> advice = advice(wanted);
        InForce made = InForce.of(wanted);
        services.change(made::of, () -> inForce = made);
        WeightAdvice.give(advice);
    }

    private static List<String> advice(FairleadOptions wanted) {
        try {
            wanted.kinds()
                    .forEach(kind ->
                            requireOneMemory(kind, policy -> RefusedOption.asking("policy", policy::latencyMemory)));
            return RefusedOption.asking("policy", () -> WeightAdvice.of(wanted.kinds()));
        } catch (RefusedOption thrown) {
            throw thrown.of("a service");
        }
    }

    /** Which addresses may be called, for whoever resolves an instance's host. */
    public AddressPolicy addressPolicy() {
        return inForce.options().addressPolicy();
    }

    /** What the host lends: time for a client's deadlines, and workers that may wait for a name to be resolved. */
    public Environment environment() {
        return environment;
    }

    /**
     * Starts watching services and waits until each has a list.
     *
     * @throws NoInstanceException with reason {@code NOT_READY} when one has none in time
     */
    public void awaitReady(Duration timeout, String... services) {
        long startNanos = now();
        long timeoutNanos = Nanos.of(timeout);
        for (String service : services) {
            this.services.of(service, now());
        }
        for (String service : services) {
            WatchedService list = this.services.of(service, now());
            if (!list.awaitFirstList(Math.max(0, timeoutNanos - (now() - startNanos)))) {
                throw list.notReady(timeoutNanos);
            }
        }
    }

    /**
     * Picks an instance and starts an attempt in one step.
     *
     * @throws NoInstanceException when no instance can take it
     */
    public Attempt acquire(String service, PickContext context) {
        long nowNanos = now();
        WatchedService list = services.of(service, nowNanos);
        if (!list.isReady()) {
            list.awaitFirstList();
            nowNanos = now();
        }
        ServiceSetup setup = list.setup();
        return setup.isRouted()
                ? list.start(setup, setup.route(context, environment.random(), nowNanos), context, 1, nowNanos)
                : list.start(setup, context, 1, nowNanos);
    }

    /**
     * Sends one idempotent call through the attempt pipeline; {@link #call(CallSpec, Transport)} says what happens.
     *
     * @param service its name, as in a URL's host
     */
    public <R> R call(String service, Transport<R> transport) throws IOException {
        return call(CallSpec.of(hosts.serviceOf(service)), transport);
    }

    /**
     * Sends one call through the attempt pipeline: up to three attempts, each on another instance, within the service's
     * retry budget and the call's deadline. Runs on the calling thread, unless hedging is on and applies.
     *
     * @throws IOException what the last attempt failed with; earlier failures are suppressed in it
     * @throws NoInstanceException when there is no instance for the first attempt
     * @throws CallRejectedException when a stage of the pipeline rejects it
     */
    public <R> R call(CallSpec spec, Transport<R> transport) throws IOException {
        return drive(spec, transport, null);
    }

    /** As {@link #call(CallSpec, Transport)}, with an answer for when all else failed. */
    public <R> R call(CallSpec spec, Transport<R> transport, Fallback<R> fallback) throws IOException {
        return drive(spec, transport, fallback);
    }

    /**
     * As {@link #call(CallSpec, Transport)}, without a thread that waits: backoff, deadline and hedge run on the
     * environment's scheduler, and continuations on the thread that completes the last attempt or on a worker. Ending the
     * stage, as a future, cancels what is under way: by cancelling it, or by a timeout of the caller's own. Everything that
     * goes wrong completes the stage.
     */
    public <R> CompletionStage<R> callAsync(CallSpec spec, AsyncTransport<R> transport) {
        return driveAsync(spec, transport, null);
    }

    /** As {@link #callAsync(CallSpec, AsyncTransport)}, with an answer for when all else failed. */
    public <R> CompletionStage<R> callAsync(CallSpec spec, AsyncTransport<R> transport, Fallback<R> fallback) {
        return driveAsync(spec, transport, fallback);
    }

    /** Whether a call may get a second attempt beside a slow first one, so that its client must allow two at once. */
    public boolean isHedged(CallSpec spec) {
        if (!inForce.hedgesAny() || !AttemptPipeline.mayHedge(spec)) {
            return false;
        }
        WatchedService list = services.peek(spec.service());
        return list == null
                ? !inForce.of(spec.service()).hedging().isOff()
                : list.setup().stages().hedges() != null;
    }

    private <R> R drive(CallSpec spec, Transport<R> transport, @Nullable Fallback<R> fallback) throws IOException {
        AttemptPipeline pipeline = pipeline(spec);
        if (pipeline.mayHedge() && transport.isConcurrent()) {
            WorkerTransport<R> workers = new WorkerTransport<>(transport, environment.executor());
            return workers.await(new AsyncCall<>(pipeline, workers, fallback, environment).start(), pipeline);
        }
        return new BlockingCall<>(pipeline, transport, fallback, environment).run();
    }

    private <R> CompletableFuture<R> driveAsync(
            CallSpec spec, AsyncTransport<R> transport, @Nullable Fallback<R> fallback) {
        try {
            return new AsyncCall<>(pipeline(spec), transport, fallback, environment).start();
        } catch (Throwable refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    /** A call's time counts from here, whatever it has to wait for. */
    private AttemptPipeline pipeline(CallSpec spec) {
        long startNanos = now();
        return new AttemptPipeline(services.of(spec.service(), startNanos), spec, environment, startNanos);
    }

    /** What is known of a service now; null when it is not watched. Starts nothing. */
    public @Nullable ServiceStatus status(String service) {
        WatchedService list = services.peek(service);
        return list == null ? null : list.status();
    }

    /** Why each instance of a service can take a plain call, or can not; null when it is not watched. Starts nothing. */
    public @Nullable Explanation explain(String service) {
        return explain(service, PickContext.none());
    }

    /**
     * Why each instance of a service can take a call, or can not: its state, weight, cost, and the reason, worked out by
     * what picks. Null when the service is not watched. Starts nothing; takes time in proportion to the list.
     */
    public @Nullable Explanation explain(String service, PickContext context) {
        WatchedService list = services.peek(service);
        return list == null ? null : list.explain(context, Integer.MAX_VALUE);
    }

    /** Where so many calls like this one would go now; see {@link #dryRun(String, IntFunction, int)}. */
    public @Nullable DryRun dryRun(String service, PickContext context, int picks) {
        return dryRun(service, call -> context, picks);
    }

    /**
     * Where calls would go now: the service's policy picks among its instances as they are, with pickers and random numbers
     * aside, so that no live turn or counter moves. Probes of ejected instances are left out. Null when the service is
     * not watched.
     *
     * @param contexts the context of each call, by its number from 0
     * @param picks how many calls, 1 to 1,000,000
     */
    public @Nullable DryRun dryRun(String service, IntFunction<PickContext> contexts, int picks) {
        if (picks < 1 || picks > MAX_PICKS) {
            throw new IllegalArgumentException("picks: " + picks + " (expected: 1..1000000)");
        }
        WatchedService list = services.peek(service);
        return list == null ? null : list.rehearse(contexts, picks);
    }

    /** What was counted of a service since it is watched; null when it is not. Starts nothing. */
    public @Nullable ServiceStatistics statistics(String service) {
        WatchedService list = services.peek(service);
        return list == null ? null : list.statistics();
    }

    /** Where lists come from, which somebody else closes. */
    public Registry registry() {
        return registry;
    }

    /** The services watched now, sorted. */
    public List<String> services() {
        return services.names();
    }

    /** Ends every watch. Idempotent; calls in flight may finish; the registry stays open. */
    @Override
    public void close() {
        services.close();
    }

    /** How many calls wait without a thread for the first list of a service. */
    int waiting(String service) {
        WatchedService list = services.peek(service);
        return list == null ? 0 : list.waiters().size();
    }

    private long now() {
        return environment.ticker().nanos();
    }
}
