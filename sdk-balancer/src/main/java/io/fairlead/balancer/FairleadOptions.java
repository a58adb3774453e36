// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.service.RefusedOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Every option of a {@link Fairlead} as data: what holds for every service, what differs for some, and what concerns the
 * whole. Registry, clock, threads and listener are no options. An immutable value; as text, what differs from the defaults.
 */
public final class FairleadOptions {
    /** A watch that ends before its first list can have come would never serve. */
    private static final Duration LEAST_IDLE = Duration.ofSeconds(1);

    private static final Option<AddressPolicy> ADDRESS_POLICY = new Option<>("addressPolicy", AddressPolicy::defaults);
    private static final Option<Duration> IDLE_AFTER = new Option<>("idleAfter", () -> Duration.ofMinutes(10));
    private static final Option<Optional<Path>> SNAPSHOTS = new Option<>(
            "snapshots", Optional::empty, folder -> folder.map(Path::toString).orElse("off"));
    private static final Option<Set<String>> SERVICE_NAMES = new Option<>("serviceNames", Set::of);
    private static final Option<Set<String>> SERVICE_SUFFIXES = new Option<>("serviceSuffixes", Set::of);
    private static final Predicate<String> NO_HOST = host -> false;
    private static final Option<Predicate<String>> SERVICES =
            new Option<>("services", () -> NO_HOST, isService -> "a predicate");
    private static final Option<Caller> CALLER = new Option<>("caller", Caller::unknown);
    /** What only a new balancer takes up. */
    private static final List<Option<?>> LASTING =
            List.of(ADDRESS_POLICY, IDLE_AFTER, SNAPSHOTS, SERVICE_NAMES, SERVICE_SUFFIXES, SERVICES, CALLER);

    private static final FairleadOptions DEFAULTS =
            new FairleadOptions(Option.Set.NONE, ServiceOptions.defaults(), new TreeMap<>());

    private final Option.Set whole;
    private final ServiceOptions common;
    private final SortedMap<String, ServiceOptions> services;

    private FairleadOptions(Option.Set whole, ServiceOptions common, SortedMap<String, ServiceOptions> services) {
        this.whole = whole;
        this.common = common;
        this.services = Collections.unmodifiableSortedMap(services);
    }

    /** Nothing is set. */
    public static FairleadOptions defaults() {
        return DEFAULTS;
    }

    /** What holds for every service that says nothing else. */
    public ServiceOptions forEveryService() {
        return common;
    }

    /** This with other options for every service. What some set themselves stays. */
    public FairleadOptions forEveryService(UnaryOperator<ServiceOptions> change) {
        return new FairleadOptions(whole, common.changed(change, ServiceOptions.defaults()), services);
    }

    /** What holds for one service: its own over every service's over the defaults. */
    public ServiceOptions forService(String name) {
        ServiceOptions own = services.get(service(name));
        return own == null ? common : own.over(common).resolved();
    }

    /** This with other options for one service; the change reads what holds for it and sets what shall differ. */
    public FairleadOptions forService(String name, UnaryOperator<ServiceOptions> change) {
        String service = service(name);
        Option.require(!service.isBlank(), "forService", "'" + name + "'", "the name of a service");
        SortedMap<String, ServiceOptions> more = new TreeMap<>(services);
        ServiceOptions own =
                more.getOrDefault(service, ServiceOptions.defaults()).changed(change, common);
        if (own.isEmpty()) {
            more.remove(service);
        } else {
            more.put(service, own);
        }
        return new FairleadOptions(whole, common, more);
    }

    private static String service(String name) {
        return Objects.requireNonNull(name, "service").toLowerCase(Locale.ROOT);
    }

    /** What services have set themselves, by name: only that. */
    public Map<String, ServiceOptions> services() {
        return services;
    }

    /** Which addresses may be called; default {@link AddressPolicy#defaults()}, and loopback over a registry in this process. */
    public AddressPolicy addressPolicy() {
        return whole.get(ADDRESS_POLICY);
    }

    /** This with another address policy. */
    public FairleadOptions withAddressPolicy(AddressPolicy value) {
        return with(ADDRESS_POLICY, value);
    }

    /** How long a service may be unused before its watch ends; default 10 min. */
    public Duration idleAfter() {
        return whole.get(IDLE_AFTER);
    }

    /** This with another time, a second or more. */
    public FairleadOptions withIdleAfter(Duration value) {
        Objects.requireNonNull(value, "idleAfter");
        Option.require(value.compareTo(LEAST_IDLE) >= 0, "idleAfter", value, "a second or more");
        return with(IDLE_AFTER, value);
    }

    /** The folder that keeps the last list of each service; default none. */
    public Optional<Path> snapshots() {
        return whole.get(SNAPSHOTS);
    }

    /** This with a folder for lists. */
    public FairleadOptions withSnapshots(Path folder) {
        return with(SNAPSHOTS, Optional.of(Objects.requireNonNull(folder, "snapshots")));
    }

    /** Hosts that are services beside those of a single label. */
    public Set<String> serviceNames() {
        return whole.get(SERVICE_NAMES);
    }

    /** This with one more host that is a service, as in {@code orders.internal}. */
    public FairleadOptions withServiceName(String host) {
        return with(SERVICE_NAMES, added(serviceNames(), Objects.requireNonNull(host, "serviceName")));
    }

    /** Ends of hosts that are services named by what stands before. */
    public Set<String> serviceSuffixes() {
        return whole.get(SERVICE_SUFFIXES);
    }

    /** This with one more suffix, as in {@code .service}. Of several that fit the longest counts. */
    public FairleadOptions withServiceSuffix(String suffix) {
        Objects.requireNonNull(suffix, "serviceSuffix");
        Option.require(
                suffix.startsWith(".") && suffix.length() > 1, "serviceSuffix", "'" + suffix + "'", "as in '.service'");
        return with(SERVICE_SUFFIXES, added(serviceSuffixes(), suffix));
    }

    /** Says of a host in lower case whether it is a service too; default of none. */
    public Predicate<String> serviceHosts() {
        return whole.get(SERVICES);
    }

    /** This with another judge of hosts, which must be quick. */
    public FairleadOptions withServiceHosts(Predicate<String> isService) {
        return with(SERVICES, isService);
    }

    /** What this process is, for rules that ask for it; default nothing known. */
    public Caller caller() {
        return whole.get(CALLER);
    }

    /** This for another process. */
    public FairleadOptions withCaller(Caller value) {
        return with(CALLER, value);
    }

    /**
     * Every option as it holds, and where that comes from: of the whole, of every service, then what single services have set.
     * For people; it is worked out each time, and asks policies and guards for their own words.
     */
    public List<OptionView> view() {
        List<OptionView> all = new ArrayList<>();
        for (Option<?> option : LASTING) {
            all.add(whole.view(null, option, OptionView.Origin.COMMON));
        }
        all.addAll(common.view());
        services.forEach((name, own) -> all.addAll(own.viewOf(name)));
        return List.copyOf(all);
    }

    /** This, with another default for addresses. The same when that is the default of all, so that it equals what was given. */
    FairleadOptions orAddressPolicy(AddressPolicy usual) {
        return addressPolicy().equals(usual) || whole.has(ADDRESS_POLICY) ? this : withAddressPolicy(usual);
    }

    /** Refuses, by name, what differs from {@code running} and can not be changed. */
    void requireSameAsRunning(FairleadOptions running) {
        for (Option<?> option : LASTING) {
            requireSame(option, running);
        }
    }

    /** Refuses guards that can not take over those of {@code running}: instances keep theirs. */
    void requireGuardsThatAdopt(FairleadOptions running) {
        Set<String> names = new TreeSet<>(services.keySet());
        names.addAll(running.services.keySet());
        names.forEach(name -> requireAdopts("'" + name + "'", forService(name), running.forService(name)));
        requireAdopts("every service", common, running.common);
    }

    private static void requireAdopts(String whose, ServiceOptions next, ServiceOptions running) {
        boolean adopts;
        try {
            adopts = RefusedOption.asking(
                    "guard",
                    () -> next.guard().equals(running.guard()) || next.guard().adoptsGuardsOf(running.guard()));
        } catch (RefusedOption thrown) {
            throw thrown.of(whose);
        }
        Option.require(
                adopts,
                "reconfigure: guard",
                next.guard().getClass().getName(),
                running.guard().getClass().getName() + " or what adopts its guards, can not be changed while running");
    }

    private <T> void requireSame(Option<T> option, FairleadOptions running) {
        T before = running.whole.get(option);
        T after = whole.get(option);
        Option.require(
                before.equals(after),
                "reconfigure: " + option.name(),
                option.text().apply(after),
                option.text().apply(before) + ", can not be changed while running");
    }

    ServiceHosts hosts() {
        List<String> longestFirst = serviceSuffixes().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        return new ServiceHosts(serviceNames(), longestFirst, serviceHosts());
    }

    /** The options of every kind of service there is: of the named ones, and of all others. */
    Stream<ServiceOptions> kinds() {
        return Stream.concat(Stream.of(common), services.keySet().stream().map(this::forService));
    }

    private <T> FairleadOptions with(Option<T> option, T value) {
        return new FairleadOptions(whole.with(option, value), common, services);
    }

    private static Set<String> added(Set<String> known, String name) {
        Set<String> more = new TreeSet<>(known);
        more.add(name.toLowerCase(Locale.ROOT));
        return Collections.unmodifiableSet(new LinkedHashSet<>(more));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FairleadOptions options
                && options.whole.equals(whole)
                && options.common.equals(common)
                && options.services.equals(services);
    }

    @Override
    public int hashCode() {
        return Objects.hash(whole, common, services);
    }

    /** A line for the whole, one for every service, and one for each that differs; {@code defaults} when none does. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        line(text, "", whole.withoutStandard().toString());
        line(text, "every service: ", common.withoutStandard().toString());
        services.forEach((name, own) -> line(text, name + ": ", own.toString()));
        return text.length() == 0 ? "defaults" : text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, String who, String what) {
        if (!what.isEmpty()) {
            text.append(who).append(what).append('\n');
        }
    }
}
