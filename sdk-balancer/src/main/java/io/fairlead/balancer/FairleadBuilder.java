// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.balancer.service.ActiveChecks;
import io.fairlead.balancer.service.BalancerOptions;
import io.fairlead.balancer.service.ConsecutiveFailureGuard;
import io.fairlead.balancer.service.Distribution;
import io.fairlead.balancer.service.ServiceHosts;
import io.fairlead.balancer.service.SnapshotStore;
import io.fairlead.balancer.stage.PipelineOptions;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.spi.kit.LimitedTasks;
import io.fairlead.spi.kit.NearestName;
import io.fairlead.spi.kit.Providers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Options of a {@link Fairlead}. Not thread-safe. Every setter checks its argument and names what it expected. */
public final class FairleadBuilder {
    private static final String DEFAULT_POLICY = "adaptive";
    private static final int CHECKS_AT_ONCE = 16;
    /** A watch that ends before its first list can have come would never serve. */
    private static final Duration LEAST_IDLE = Duration.ofSeconds(1);

    private final Registry registry;
    private final Map<String, BalancingPolicy> known = new TreeMap<>();
    private final Map<String, BalancingPolicy> perService = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final List<String> suffixes = new ArrayList<>();
    private Predicate<String> also = host -> false;
    private BalancingPolicy policy;
    private InstanceGuard.@Nullable Factory guards;
    private Environment environment = Environment.system();
    private @Nullable EventListener listener;
    private OutagePolicy outagePolicy = OutagePolicy.defaults();
    private AddressPolicy addressPolicy;
    private HealthPolicy health = HealthPolicy.defaults();
    private @Nullable Path snapshots;
    private final PipelineDraft pipeline = new PipelineDraft();
    private Duration firstListTimeout = Duration.ofSeconds(3);
    private Distribution distribution = Distribution.defaults();
    private Duration idleAfter = Duration.ofMinutes(10);

    FairleadBuilder(Registry registry) {
        this.registry = registry;
        this.addressPolicy =
                registry.isInProcess() ? AddressPolicy.defaults().allowLoopback() : AddressPolicy.defaults();
        Providers.of(BalancingPolicy.class, FairleadBuilder::leftOut).forEach(this::add);
        this.policy = named(DEFAULT_POLICY);
    }

    /** How instances are chosen, by name; default {@code adaptive}. */
    public FairleadBuilder policy(String name) {
        this.policy = named(name);
        return this;
    }

    /** How the instances of one service are chosen, by name. */
    public FairleadBuilder policy(String service, String name) {
        return policy(service, named(name));
    }

    /** How the instances of one service are chosen. */
    public FairleadBuilder policy(String service, BalancingPolicy value) {
        perService.put(service.toLowerCase(Locale.ROOT), Objects.requireNonNull(value, "policy"));
        return this;
    }

    /**
     * What guards each instance; default the one factory on the class path ({@code fairlead-circuitbreaker} brings it),
     * else ejection after five failures or two refused connections in a row.
     */
    public FairleadBuilder guard(InstanceGuard.Factory value) {
        this.guards = value;
        return this;
    }

    /** Most attempts of one call, 1 to 10; default 3. 1 switches retries off. */
    public FairleadBuilder attempts(int max) {
        pipeline.retries = pipeline.retries.withAttempts(max);
        return this;
    }

    /**
     * How many retries the traffic of a service allows.
     *
     * @param ratio retries a call earns, 0 to 1; default 0.2
     * @param perSecond retries a second allowed where the calls earn fewer; default 3
     */
    public FairleadBuilder retryBudget(double ratio, int perSecond) {
        pipeline.retries = pipeline.retries.withBudget(ratio, perSecond);
        return this;
    }

    /** What is sent again and how often, in all its detail; default {@link Retries#defaults()}. */
    public FairleadBuilder retries(Retries value) {
        pipeline.retries = Objects.requireNonNull(value, "retries");
        return this;
    }

    /** How many calls a second each service without a limit of its own gets; default any number. */
    public FairleadBuilder rateLimit(RateLimit value) {
        pipeline.rateLimits.put(PipelineOptions.EVERY_SERVICE, Objects.requireNonNull(value, "rateLimit"));
        return this;
    }

    /** How many calls a second one service gets. */
    public FairleadBuilder rateLimit(String service, RateLimit value) {
        pipeline.rateLimits.put(service.toLowerCase(Locale.ROOT), Objects.requireNonNull(value, "rateLimit"));
        return this;
    }

    /** Rejects on this side a part of the calls to a service that sheds load; off by default. */
    public FairleadBuilder throttle(Throttle value) {
        pipeline.throttle = value;
        return this;
    }

    /**
     * What guards a whole service; default the one factory on the class path ({@code fairlead-circuitbreaker} brings it).
     * It only measures unless {@link #rejectByServiceGuard} is called.
     */
    public FairleadBuilder serviceGuard(ServiceGuard.Factory value) {
        pipeline.serviceGuards = value;
        return this;
    }

    /**
     * Lets the guard of a whole service reject calls. Think twice: one bad shard or route then closes the service for
     * every caller; instances have guards of their own.
     */
    public FairleadBuilder rejectByServiceGuard() {
        pipeline.guardRejects = true;
        return this;
    }

    /** Bounds the attempts each instance has in flight; off by default. */
    public FairleadBuilder concurrencyLimits(ConcurrencyLimits value) {
        pipeline.concurrencyLimits = value;
        return this;
    }

    /** Sends a second attempt beside a slow first one; off by default. */
    public FairleadBuilder hedging(Hedging value) {
        pipeline.hedging = value;
        return this;
    }

    /** Longest wait of a call while its service has no list yet; default 3 s. */
    public FairleadBuilder firstListTimeout(Duration value) {
        this.firstListTimeout = notNegative("firstListTimeout", value);
        return this;
    }

    /** How long a new instance's weight grows; default 30 s, zero switches slow start off. */
    public FairleadBuilder slowStart(Duration value) {
        return slowStart(SlowStart.of(value));
    }

    /** How the weights of new instances, and of ones back from ejection, grow; default {@link SlowStart#defaults()}. */
    public FairleadBuilder slowStart(SlowStart value) {
        this.distribution = distribution.withSlowStart(Objects.requireNonNull(value, "slowStart"));
        return this;
    }

    /** Which zones calls prefer; default {@link ZonePreference#none()}. */
    public FairleadBuilder zones(ZonePreference value) {
        this.distribution = distribution.withZones(Objects.requireNonNull(value, "zones"));
        return this;
    }

    /** How many instances of a large service are called; default {@link Subsetting#defaults()}: above 64, 32 of them. */
    public FairleadBuilder subsetting(Subsetting value) {
        this.distribution = distribution.withSubsetting(Objects.requireNonNull(value, "subsetting"));
        return this;
    }

    /** How weights follow health; default {@link DynamicWeights#off()}. */
    public FairleadBuilder dynamicWeights(DynamicWeights value) {
        this.distribution = distribution.withDynamicWeights(Objects.requireNonNull(value, "dynamicWeights"));
        return this;
    }

    /** How long a service may be unused before its watch ends, a second or more; default 10 min. */
    public FairleadBuilder idleAfter(Duration value) {
        if (value.compareTo(LEAST_IDLE) < 0) {
            throw new IllegalArgumentException("idleAfter: " + value + " (expected: a second or more)");
        }
        this.idleAfter = value;
        return this;
    }

    /** What to do with lists that lack instances; default {@link OutagePolicy#defaults()}. */
    public FairleadBuilder outagePolicy(OutagePolicy value) {
        this.outagePolicy = Objects.requireNonNull(value, "outagePolicy");
        return this;
    }

    /**
     * Which addresses may be called; default {@link AddressPolicy#defaults()}, which refuses loopback unless the registry
     * is in this process.
     */
    public FairleadBuilder addressPolicy(AddressPolicy value) {
        this.addressPolicy = Objects.requireNonNull(value, "addressPolicy");
        return this;
    }

    /** What besides its own failures takes an instance out; default {@link HealthPolicy#defaults()}. */
    public FairleadBuilder health(HealthPolicy value) {
        this.health = Objects.requireNonNull(value, "health");
        return this;
    }

    /**
     * Keeps the last list of each service in this folder, for a start while the registry is down; it is used when the
     * registry has not answered for half a second. Off by default. Files are readable by their owner only, and used only
     * for the registry they were read from ({@link Registry#identity()}); several balancers and processes may share a
     * folder.
     */
    public FairleadBuilder snapshots(Path folder) {
        this.snapshots = folder;
        return this;
    }

    /** Also takes this host for a service, as in {@code orders.internal}. */
    public FairleadBuilder service(String name) {
        names.add(name.toLowerCase(Locale.ROOT));
        return this;
    }

    /**
     * Also takes hosts that end like this for services, named by what stands before, as in {@code .service}. Of several that
     * fit the longest counts.
     */
    public FairleadBuilder serviceSuffix(String suffix) {
        if (!suffix.startsWith(".") || suffix.length() < 2) {
            throw new IllegalArgumentException("serviceSuffix: '" + suffix + "' (expected: as in '.service')");
        }
        suffixes.add(suffix.toLowerCase(Locale.ROOT));
        suffixes.sort(Comparator.comparingInt(String::length).reversed());
        return this;
    }

    /** Also takes hosts for services that satisfy this; it sees them in lower case and must be quick. */
    public FairleadBuilder services(Predicate<String> isService) {
        this.also = Objects.requireNonNull(isService, "services");
        return this;
    }

    /** Hears what happens, in place of the environment's listener; default that one. */
    public FairleadBuilder listener(EventListener value) {
        this.listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /** Clock, threads, randomness and listener; default {@link Environment#system()}, whose listener is nobody. */
    public FairleadBuilder environment(Environment value) {
        this.environment = Objects.requireNonNull(value, "environment");
        return this;
    }

    /** The balancer. */
    public Fairlead build() {
        Environment environment = listener == null ? this.environment : this.environment.withListener(listener);
        BalancerOptions options = new BalancerOptions(
                environment,
                guards != null ? guards : foundGuards(),
                outagePolicy,
                addressPolicy,
                health,
                new ActiveChecks.Shared(
                        addressPolicy,
                        new LimitedTasks(
                                environment.executor(),
                                environment.scheduler(),
                                CHECKS_AT_ONCE,
                                failure -> environment.listener().onCallbackFailed("health checks", failure)),
                        environment),
                snapshots == null ? null : new SnapshotStore(snapshots, registry.identity(), environment),
                pipeline.options(),
                firstListTimeout,
                distribution,
                idleAfter);
        Map<String, BalancingPolicy> chosen = Map.copyOf(perService);
        BalancingPolicy usual = policy;
        Set<BalancingPolicy> used = new HashSet<>(chosen.values());
        used.add(usual);
        WeightAdvice.give(distribution.dynamicWeights(), used);
        return new Fairlead(
                registry,
                options,
                new ServiceHosts(Set.copyOf(names), List.copyOf(suffixes), also),
                service -> chosen.getOrDefault(service, usual));
    }

    private void add(BalancingPolicy found) {
        BalancingPolicy other = known.putIfAbsent(found.name(), found);
        if (other != null && other.getClass() != found.getClass()) {
            throw new IllegalStateException("policy '" + found.name() + "' is claimed by "
                    + other.getClass().getName() + " and " + found.getClass().getName()
                    + " (expected: unique names)");
        }
    }

    private BalancingPolicy named(String name) {
        BalancingPolicy found = known.get(name);
        if (found == null) {
            throw new IllegalArgumentException("policy: '" + name + "'" + NearestName.hint(name, known.keySet())
                    + " (expected: one of " + known.keySet() + ")");
        }
        return found;
    }

    /** Told loudly: without its breaker a service would only seem to be guarded. */
    static void leftOut(Throwable broken) {
        LoggerFactory.getLogger(Fairlead.class).warn("a provider was left out: {}", broken.getMessage(), broken);
    }

    private static InstanceGuard.Factory foundGuards() {
        List<InstanceGuard.Factory> found = Providers.of(InstanceGuard.Factory.class, FairleadBuilder::leftOut);
        if (found.size() > 1) {
            throw new IllegalStateException(
                    "guards found: " + found.get(0).getClass().getName() + " and "
                            + found.get(1).getClass().getName() + " (expected: one, or guard(…) on the builder)");
        }
        return found.isEmpty() ? ConsecutiveFailureGuard::new : found.get(0);
    }

    private static Duration notNegative(String what, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: zero or more)");
        }
        return value;
    }
}
