// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.balancer.ServiceOptions.ServiceGuardUse;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Routes;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Options of a {@link Fairlead}, one setter each, in any order: the last call of a setter counts. Two setters that say
 * different things of one option are refused by {@link #build}. What holds for one service only is said by
 * {@link #forService}. Not thread-safe. Every setter checks its argument and names what it expected.
 */
public final class FairleadBuilder {
    private final Registry registry;
    private final Map<String, Said> said = new LinkedHashMap<>();
    private final List<UnaryOperator<FairleadOptions>> overrides = new ArrayList<>();
    private FairleadOptions base = FairleadOptions.defaults();
    private Environment environment = Environment.system();
    private @Nullable EventListener listener;
    private final List<EventListener> added = new ArrayList<>();

    /**
     * What one setter was told.
     *
     * @param of the option it sets
     * @param words as in {@code attempts(5)}
     * @param isPart whether it sets a part of the option, and goes on top of what set the whole
     */
    private record Said(String of, String words, boolean isPart, UnaryOperator<FairleadOptions> change) {}

    FairleadBuilder(Registry registry) {
        this.registry = registry;
    }

    /** Options to start from; default {@link FairleadOptions#defaults()}. What the other setters say goes over them. */
    public FairleadBuilder options(FairleadOptions value) {
        this.base = Objects.requireNonNull(value, "options");
        return this;
    }

    /**
     * What differs for one service. Of several changes of one service the last word on an option counts. The
     * change is a function of what holds for the service, is called more than once, and last when everything else is known.
     */
    public FairleadBuilder forService(String name, UnaryOperator<ServiceOptions> change) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(change, "change");
        FairleadOptions unused = FairleadOptions.defaults().forService(name, change);
        overrides.add(options -> options.forService(name, change));
        return this;
    }

    /** How instances are chosen, by name; default {@code adaptive}. */
    public FairleadBuilder policy(String name) {
        BalancingPolicy named = FoundProviders.policy(name);
        return say("policy by name", "policy", "\"" + name + "\"", false, o -> o.withPolicy(named));
    }

    /** How instances are chosen. */
    public FairleadBuilder policy(BalancingPolicy value) {
        return set("policy", value, ServiceOptions::withPolicy);
    }

    /**
     * What guards each instance; default the one factory on the class path ({@code fairlead-circuitbreaker} brings it),
     * else ejection after five failures or two refused connections in a row.
     */
    public FairleadBuilder guard(InstanceGuard.Factory value) {
        return set("guard", value, ServiceOptions::withGuard);
    }

    /** Most attempts of one call, 1 to 10; default 3. 1 switches retries off. */
    public FairleadBuilder attempts(int max) {
        return say(
                "attempts",
                "retries",
                String.valueOf(max),
                true,
                o -> o.withRetries(o.retries().withAttempts(max)));
    }

    /**
     * How many retries the traffic of a service allows.
     *
     * @param ratio retries a call earns, 0 to 1; default 0.2
     * @param perSecond retries a second allowed where the calls earn fewer; default 3
     */
    public FairleadBuilder retryBudget(double ratio, int perSecond) {
        return say(
                "retryBudget",
                "retries",
                ratio + ", " + perSecond,
                true,
                o -> o.withRetries(o.retries().withBudget(ratio, perSecond)));
    }

    /** What is sent again and how often, in all its detail; default {@link Retries#defaults()}. */
    public FairleadBuilder retries(Retries value) {
        return set("retries", value, ServiceOptions::withRetries);
    }

    /** How many calls a second each service gets; default any number. */
    public FairleadBuilder rateLimit(RateLimit value) {
        return set("rateLimit", value, ServiceOptions::withRateLimit);
    }

    /** Rejects on this side a part of the calls to a service that sheds load; off by default. */
    public FairleadBuilder throttle(Throttle value) {
        return set("throttle", value, ServiceOptions::withThrottle);
    }

    /**
     * What guards a whole service; default the one factory on the class path ({@code fairlead-circuitbreaker} brings it).
     * It only measures unless {@link #rejectByServiceGuard} is called.
     */
    public FairleadBuilder serviceGuard(ServiceGuard.Factory value) {
        return set("serviceGuard", value, ServiceOptions::withServiceGuard);
    }

    /** What the guard of a whole service may do; default {@link ServiceGuardUse#MEASURES}. */
    public FairleadBuilder serviceGuardUse(ServiceGuardUse value) {
        return set("serviceGuardUse", value, ServiceOptions::withServiceGuardUse);
    }

    /**
     * Lets the guard of a whole service reject calls. Think twice: one bad shard or route then closes the service for
     * every caller; instances have guards of their own.
     */
    public FairleadBuilder rejectByServiceGuard() {
        return say(
                "rejectByServiceGuard",
                "serviceGuardUse",
                "",
                false,
                o -> o.withServiceGuardUse(ServiceGuardUse.REJECTS));
    }

    /** Bounds the attempts each instance has in flight; off by default. */
    public FairleadBuilder concurrencyLimits(ConcurrencyLimits value) {
        return set("concurrencyLimits", value, ServiceOptions::withConcurrencyLimits);
    }

    /** Sends a second attempt beside a slow first one; off by default. */
    public FairleadBuilder hedging(Hedging value) {
        return set("hedging", value, ServiceOptions::withHedging);
    }

    /** Longest wait of a call while its service has no list yet; default 3 s. */
    public FairleadBuilder firstListTimeout(Duration value) {
        return set("firstListTimeout", value, ServiceOptions::withFirstListTimeout);
    }

    /**
     * Where the calls of every service go; default anywhere. Routes name subsets of one service, so that most are said by {@link
     * #forService}.
     */
    public FairleadBuilder routes(Routes value) {
        return set("routes", value, ServiceOptions::withRoutes);
    }

    /** Longest time of a call that comes without a shorter one of its own, a millisecond or more; default any time. */
    public FairleadBuilder timeout(Duration value) {
        return set("timeout", value, ServiceOptions::withTimeout);
    }

    /** What this process is, for rules that ask for it; default nothing known. */
    public FairleadBuilder caller(Caller value) {
        return whole("caller", value, FairleadOptions::withCaller);
    }

    /** How long a new instance's weight grows; default 30 s, zero switches slow start off. */
    public FairleadBuilder slowStart(Duration value) {
        SlowStart ofLength = SlowStart.of(value);
        return say("slowStart by length", "slowStart", value.toString(), false, o -> o.withSlowStart(ofLength));
    }

    /** How the weights of new instances, and of ones back from ejection, grow; default {@link SlowStart#defaults()}. */
    public FairleadBuilder slowStart(SlowStart value) {
        return set("slowStart", value, ServiceOptions::withSlowStart);
    }

    /** Which zones calls prefer; default {@link ZonePreference#off()}. */
    public FairleadBuilder zones(ZonePreference value) {
        return set("zones", value, ServiceOptions::withZones);
    }

    /** How many instances of a large service are called; default {@link Subsetting#defaults()}: above 64, 32 of them. */
    public FairleadBuilder subsetting(Subsetting value) {
        return set("subsetting", value, ServiceOptions::withSubsetting);
    }

    /** How weights follow health; default {@link DynamicWeights#off()}. */
    public FairleadBuilder dynamicWeights(DynamicWeights value) {
        return set("dynamicWeights", value, ServiceOptions::withDynamicWeights);
    }

    /** What besides its own failures takes an instance out; default {@link HealthPolicy#defaults()}. */
    public FairleadBuilder health(HealthPolicy value) {
        return set("health", value, ServiceOptions::withHealth);
    }

    /** What to do with lists that lack instances; default {@link OutagePolicy#defaults()}. */
    public FairleadBuilder outagePolicy(OutagePolicy value) {
        return set("outagePolicy", value, ServiceOptions::withOutagePolicy);
    }

    /** How long a service may be unused before its watch ends, a second or more; default 10 min. */
    public FairleadBuilder idleAfter(Duration value) {
        return whole("idleAfter", value, FairleadOptions::withIdleAfter);
    }

    /**
     * Which addresses may be called; default {@link AddressPolicy#defaults()}, which refuses loopback unless the registry
     * is in this process.
     */
    public FairleadBuilder addressPolicy(AddressPolicy value) {
        return whole("addressPolicy", value, FairleadOptions::withAddressPolicy);
    }

    /**
     * Keeps the last list of each service in this folder, for a start while the registry is down; it is used when the
     * registry has not answered for half a second. Off by default. Files are readable by their owner only, and used only
     * for the registry they were read from ({@link Registry#identity()}); several balancers and processes may share a
     * folder.
     */
    public FairleadBuilder snapshots(Path folder) {
        return whole("snapshots", folder, FairleadOptions::withSnapshots);
    }

    /** Also takes this host for a service, as in {@code orders.internal}. */
    public FairleadBuilder service(String name) {
        return whole("service " + name, name, FairleadOptions::withServiceName);
    }

    /**
     * Also takes hosts that end like this for services, named by what stands before, as in {@code .service}. Of several that
     * fit the longest counts.
     */
    public FairleadBuilder serviceSuffix(String suffix) {
        return whole("serviceSuffix " + suffix, suffix, FairleadOptions::withServiceSuffix);
    }

    /** Also takes hosts for services that satisfy this; it sees them in lower case and must be quick. */
    public FairleadBuilder services(Predicate<String> isService) {
        return whole("services", isService, FairleadOptions::withServiceHosts);
    }

    /**
     * Hears what happens, in place of the environment's listener, which writes the log; default that one. Most want
     * {@link #addListener}.
     */
    public FairleadBuilder listener(EventListener value) {
        this.listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /** Hears what happens too, after those there are; what one listener throws concerns no other. */
    public FairleadBuilder addListener(EventListener more) {
        added.add(Objects.requireNonNull(more, "listener"));
        return this;
    }

    /** Clock, threads, randomness and listener; default {@link Environment#system()}, whose listener writes the log. */
    public FairleadBuilder environment(Environment value) {
        this.environment = Objects.requireNonNull(value, "environment");
        return this;
    }

    /**
     * The balancer.
     *
     * @throws IllegalStateException when two setters contradict each other, or a guard that is to reject is not there
     */
    public Fairlead build() {
        Environment heard = listener == null ? environment : environment.withListener(listener);
        for (EventListener more : added) {
            heard = heard.andListener(more);
        }
        return new Fairlead(registry, options(), heard);
    }

    /** What was said: wholes first, then parts of them, then what differs for some services. */
    FairleadOptions options() {
        FairleadOptions options = base;
        Map<String, Said> wholes = new HashMap<>();
        for (Said one : said.values()) {
            if (!one.isPart()) {
                options = apply(one, wholes.putIfAbsent(one.of(), one), options);
            }
        }
        for (Said one : said.values()) {
            if (one.isPart()) {
                options = apply(one, wholes.get(one.of()), options);
            }
        }
        for (UnaryOperator<FairleadOptions> override : overrides) {
            options = override.apply(options);
        }
        return options;
    }

    private static FairleadOptions apply(Said one, @Nullable Said other, FairleadOptions before) {
        FairleadOptions after = one.change().apply(before);
        if (other != null && !after.equals(before)) {
            throw new IllegalStateException(one.words() + " and " + other.words() + " say different things of "
                    + one.of() + " (expected: one of the two; drop the other)");
        }
        return after;
    }

    private <T> FairleadBuilder set(String option, T value, BiFunction<ServiceOptions, T, ServiceOptions> setter) {
        return say(option, option, shown(value), false, o -> setter.apply(o, value));
    }

    private <T> FairleadBuilder whole(String option, T value, BiFunction<FairleadOptions, T, FairleadOptions> setter) {
        return keep(option, new Said(option, option, false, o -> setter.apply(o, value)));
    }

    private FairleadBuilder say(
            String setter, String option, String shown, boolean isPart, UnaryOperator<ServiceOptions> change) {
        String called = setter.contains(" ") ? option : setter;
        return keep(setter, new Said(option, called + "(" + shown + ")", isPart, o -> o.forEveryService(change)));
    }

    /** Tries the change at once, so that a wrong value is refused where it is given. */
    private FairleadBuilder keep(String setter, Said one) {
        FairleadOptions unused = one.change().apply(FairleadOptions.defaults());
        said.put(setter, one);
        return this;
    }

    private static String shown(Object value) {
        return value instanceof BalancingPolicy policy ? policy.name() : String.valueOf(value);
    }
}
