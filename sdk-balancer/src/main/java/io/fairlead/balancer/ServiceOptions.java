// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.route.Routes;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The options that can differ from service to service. It knows which of them were set; a reader gives what was set here,
 * else what holds for every service, else the default. An immutable value.
 *
 * <p>One more option is one constant, which {@code ALL} has too, one reader and one setter here, and one setter on {@link FairleadBuilder}.
 */
public final class ServiceOptions {
    private static final Option<BalancingPolicy> POLICY =
            new Option<>("policy", () -> FoundProviders.policy("adaptive"), policy -> text(policy, policy.name()));
    private static final Option<InstanceGuard.Factory> GUARD =
            new Option<>("guard", FoundProviders::guard, ServiceOptions::kind);
    private static final Option<Retries> RETRIES = new Option<>("retries", Retries::defaults);
    private static final Option<RateLimit> RATE_LIMIT = new Option<>("rateLimit", RateLimit::off);
    private static final Option<Throttle> THROTTLE = new Option<>("throttle", Throttle::off);
    private static final Option<ServiceGuard.Factory> SERVICE_GUARD =
            new Option<>("serviceGuard", FoundProviders::serviceGuard, ServiceOptions::kind);
    private static final Option<ServiceGuardUse> SERVICE_GUARD_USE =
            new Option<>("serviceGuardUse", () -> ServiceGuardUse.MEASURES);
    private static final Option<ConcurrencyLimits> CONCURRENCY_LIMITS =
            new Option<>("concurrencyLimits", ConcurrencyLimits::off);
    private static final Option<Hedging> HEDGING = new Option<>("hedging", Hedging::off);
    private static final Option<SlowStart> SLOW_START = new Option<>("slowStart", SlowStart::defaults);
    private static final Option<ZonePreference> ZONES = new Option<>("zones", ZonePreference::off);
    private static final Option<Subsetting> SUBSETTING = new Option<>("subsetting", Subsetting::defaults);
    private static final Option<DynamicWeights> DYNAMIC_WEIGHTS = new Option<>("dynamicWeights", DynamicWeights::off);
    private static final Option<HealthPolicy> HEALTH = new Option<>("health", HealthPolicy::defaults);
    private static final Option<OutagePolicy> OUTAGE_POLICY = new Option<>("outagePolicy", OutagePolicy::defaults);
    private static final Option<Routes> ROUTES = new Option<>("routes", Routes::off);
    private static final Option<Optional<Duration>> TIMEOUT = new Option<>(
            "timeout",
            Optional::empty,
            longest -> longest.map(Duration::toString).orElse("off"));
    private static final Option<Duration> FIRST_LIST_TIMEOUT =
            new Option<>("firstListTimeout", () -> Duration.ofSeconds(3));

    /** In the order of names. */
    private static final List<Option<?>> ALL = Stream.<Option<?>>of(
                    POLICY,
                    GUARD,
                    RETRIES,
                    RATE_LIMIT,
                    THROTTLE,
                    SERVICE_GUARD,
                    SERVICE_GUARD_USE,
                    CONCURRENCY_LIMITS,
                    HEDGING,
                    SLOW_START,
                    ZONES,
                    SUBSETTING,
                    DYNAMIC_WEIGHTS,
                    HEALTH,
                    OUTAGE_POLICY,
                    ROUTES,
                    TIMEOUT,
                    FIRST_LIST_TIMEOUT)
            .sorted(Comparator.comparing(Option::name))
            .toList();

    private static final ServiceOptions DEFAULTS = new ServiceOptions(Option.Set.NONE, Option.Set.NONE);

    /** What the guard of a whole service may do. */
    public enum ServiceGuardUse {
        /** There is none. */
        OFF,
        /** It measures and lets every call pass; {@link ServiceStatus} shows what it saw. */
        MEASURES,
        /** It may reject calls. */
        REJECTS
    }

    private final Option.Set own;
    private final Option.Set below;

    private ServiceOptions(Option.Set own, Option.Set below) {
        this.own = own;
        this.below = below;
    }

    /** Nothing is set. */
    public static ServiceOptions defaults() {
        return DEFAULTS;
    }

    /** How instances are chosen; default {@code adaptive}. */
    public BalancingPolicy policy() {
        return get(POLICY);
    }

    /** This with another policy, by name. */
    public ServiceOptions withPolicy(String name) {
        Objects.requireNonNull(name, "policy");
        return withPolicy(FoundProviders.policy(name));
    }

    /** This with another policy. */
    public ServiceOptions withPolicy(BalancingPolicy value) {
        return with(POLICY, value);
    }

    /**
     * What guards each instance; default the one factory on the class path ({@code fairlead-circuitbreaker} brings it),
     * else ejection after five failures or two refused connections in a row.
     */
    public InstanceGuard.Factory guard() {
        return get(GUARD);
    }

    /** This with other guards. */
    public ServiceOptions withGuard(InstanceGuard.Factory value) {
        return with(GUARD, value);
    }

    /** What is sent again, and how often; default {@link Retries#defaults()}. */
    public Retries retries() {
        return get(RETRIES);
    }

    /** This with other retries. */
    public ServiceOptions withRetries(Retries value) {
        return with(RETRIES, value);
    }

    /** How many calls a second may be made; default any number. */
    public RateLimit rateLimit() {
        return get(RATE_LIMIT);
    }

    /** This with another limit. */
    public ServiceOptions withRateLimit(RateLimit value) {
        return with(RATE_LIMIT, value);
    }

    /** What part of the calls to a service that sheds load is rejected on this side; default none. */
    public Throttle throttle() {
        return get(THROTTLE);
    }

    /** This with another throttle. */
    public ServiceOptions withThrottle(Throttle value) {
        return with(THROTTLE, value);
    }

    /** What guards the whole service; default the one factory on the class path, if there is one. */
    public ServiceGuard.Factory serviceGuard() {
        return get(SERVICE_GUARD);
    }

    /** This with another guard of the whole service. */
    public ServiceOptions withServiceGuard(ServiceGuard.Factory value) {
        return with(SERVICE_GUARD, value);
    }

    /** What the guard of the whole service may do; default {@link ServiceGuardUse#MEASURES}. */
    public ServiceGuardUse serviceGuardUse() {
        return get(SERVICE_GUARD_USE);
    }

    /**
     * This with another use of the service's guard. Think twice before it rejects: one bad shard or route then closes the
     * service for every caller; instances have guards of their own.
     */
    public ServiceOptions withServiceGuardUse(ServiceGuardUse value) {
        return with(SERVICE_GUARD_USE, value);
    }

    /** Whether there is a guard of the whole service: one was given or found, and its use is not off. */
    public boolean hasServiceGuard() {
        return serviceGuardUse() != ServiceGuardUse.OFF && !FoundProviders.isNone(serviceGuard());
    }

    /** How many attempts each instance may have in flight; default any number. */
    public ConcurrencyLimits concurrencyLimits() {
        return get(CONCURRENCY_LIMITS);
    }

    /** This with other limits. */
    public ServiceOptions withConcurrencyLimits(ConcurrencyLimits value) {
        return with(CONCURRENCY_LIMITS, value);
    }

    /** When a second attempt is made beside a slow first one; default never. */
    public Hedging hedging() {
        return get(HEDGING);
    }

    /** This with other hedging. */
    public ServiceOptions withHedging(Hedging value) {
        return with(HEDGING, value);
    }

    /** How the weights of new instances, and of ones back from ejection, grow; default {@link SlowStart#defaults()}. */
    public SlowStart slowStart() {
        return get(SLOW_START);
    }

    /** This with another slow start. */
    public ServiceOptions withSlowStart(SlowStart value) {
        return with(SLOW_START, value);
    }

    /** Which zones calls prefer; default none. */
    public ZonePreference zones() {
        return get(ZONES);
    }

    /** This with other zones. */
    public ServiceOptions withZones(ZonePreference value) {
        return with(ZONES, value);
    }

    /** How many instances of a large service are called; default {@link Subsetting#defaults()}: above 64, 32 of them. */
    public Subsetting subsetting() {
        return get(SUBSETTING);
    }

    /** This with another portion. */
    public ServiceOptions withSubsetting(Subsetting value) {
        return with(SUBSETTING, value);
    }

    /** How weights follow health; default not at all. */
    public DynamicWeights dynamicWeights() {
        return get(DYNAMIC_WEIGHTS);
    }

    /** This with other dynamic weights. */
    public ServiceOptions withDynamicWeights(DynamicWeights value) {
        return with(DYNAMIC_WEIGHTS, value);
    }

    /** What besides its own failures takes an instance out; default {@link HealthPolicy#defaults()}. */
    public HealthPolicy health() {
        return get(HEALTH);
    }

    /** This with another health policy. */
    public ServiceOptions withHealth(HealthPolicy value) {
        return with(HEALTH, value);
    }

    /** What to do with lists that lack instances; default {@link OutagePolicy#defaults()}. */
    public OutagePolicy outagePolicy() {
        return get(OUTAGE_POLICY);
    }

    /** This with another outage policy. */
    public ServiceOptions withOutagePolicy(OutagePolicy value) {
        return with(OUTAGE_POLICY, value);
    }

    /** Which calls go to which of the service's instances; off by default. */
    public Routes routes() {
        return get(ROUTES);
    }

    /** This with other routes. */
    public ServiceOptions withRoutes(Routes value) {
        return with(ROUTES, value);
    }

    /**
     * Longest time of a call, all its attempts together, that comes without a shorter one of its own; a rule may say another.
     * Off by default.
     */
    public Optional<Duration> timeout() {
        return get(TIMEOUT);
    }

    /** This with a longest time of calls, a millisecond or more. */
    public ServiceOptions withTimeout(Duration value) {
        Option.require(value.toMillis() >= 1, "timeout", value, "a millisecond or more");
        return with(TIMEOUT, Optional.of(value));
    }

    /** This without a longest time of calls. */
    public ServiceOptions withoutTimeout() {
        return with(TIMEOUT, Optional.empty());
    }

    /** Longest wait of a call while the service has no list yet; default 3 s. */
    public Duration firstListTimeout() {
        return get(FIRST_LIST_TIMEOUT);
    }

    /** This with another wait, zero or more. */
    public ServiceOptions withFirstListTimeout(Duration value) {
        Objects.requireNonNull(value, "firstListTimeout");
        Option.require(!value.isNegative(), "firstListTimeout", value, "zero or more");
        return with(FIRST_LIST_TIMEOUT, value);
    }

    /** What was set here, over what holds where it was not. */
    ServiceOptions over(ServiceOptions common) {
        return new ServiceOptions(own, common.own);
    }

    /** What a change makes of this, which the change reads over {@code common}; only what is set here stays. */
    ServiceOptions changed(UnaryOperator<ServiceOptions> change, ServiceOptions common) {
        Objects.requireNonNull(change, "change");
        ServiceOptions made = Objects.requireNonNull(change.apply(over(common)), "what the change gave");
        return new ServiceOptions(made.own, Option.Set.NONE);
    }

    /** This, with everything set that holds. */
    ServiceOptions resolved() {
        return new ServiceOptions(own.over(below), Option.Set.NONE);
    }

    /** This with what is looked up on the class path set, so that a service looks nothing up again. */
    ServiceOptions found() {
        ServiceOptions all = resolved();
        return all.withPolicy(all.policy()).withGuard(all.guard()).withServiceGuard(all.serviceGuard());
    }

    /** This without what would hold anyway. */
    ServiceOptions withoutStandard() {
        return new ServiceOptions(own.withoutStandard(), Option.Set.NONE);
    }

    /** Every option as it holds for every service. */
    List<OptionView> view() {
        return ALL.stream()
                .<OptionView>map(option -> own.view(null, option, OptionView.Origin.COMMON))
                .toList();
    }

    /** The options that one service has set. */
    List<OptionView> viewOf(String service) {
        return ALL.stream()
                .filter(own::has)
                .<OptionView>map(option -> own.view(service, option, OptionView.Origin.SERVICE))
                .toList();
    }

    boolean isEmpty() {
        return own.isEmpty();
    }

    private <T> T get(Option<T> option) {
        return own.has(option) ? own.get(option) : below.get(option);
    }

    private <T> ServiceOptions with(Option<T> option, T value) {
        return new ServiceOptions(own.with(option, value), below);
    }

    private static String kind(Object factory) {
        return text(factory, factory.getClass().getSimpleName());
    }

    /** What an object says of itself, if its class has words of its own, which tell its options. */
    private static String text(Object users, String name) {
        try {
            Class<?> speaker = users.getClass().getMethod("toString").getDeclaringClass();
            return speaker == Object.class ? name : users.toString();
        } catch (NoSuchMethodException impossible) {
            return name;
        }
    }

    /** Whether the same was set, and the same holds where nothing was. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ServiceOptions options && options.own.equals(own) && options.below.equals(below);
    }

    @Override
    public int hashCode() {
        return own.hashCode();
    }

    /** What was set, as in {@code hedging=off, policy=random}. */
    @Override
    public String toString() {
        return own.toString();
    }
}
