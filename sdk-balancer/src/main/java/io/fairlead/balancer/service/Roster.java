// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.DryRun;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ServiceStatus.RoutesView;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.stage.ServiceStages;
import io.fairlead.spi.LatencyMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one service with their state, and the choice made of them, which every call reads. Three things change it,
 * one update at a time ({@link Updates}):
 *
 * <ul>
 *   <li>a list ({@link #adopt}): {@link Reconciler} says which instances there are now;
 *   <li>an evaluation, once a second ({@link #evaluate}): held instances are let go, each {@link Cohort} judges its own, slow start
 *       goes on;
 *   <li>other options, in two steps: {@link #build} asks a user's code and changes nothing, {@link #putInForce} changes and asks
 *       nobody.
 * </ul>
 *
 * Each of them ends with a new choice, if there is reason for one ({@link Chooser}), and notes what is to be told
 * ({@link Announcements}). All three go through the same fields, and must leave them fitting together. Any thread may ask for
 * the choice and for what people are shown, and any thread may report of an instance: that is only noted, for the next update.
 */
final class Roster implements SharedState.Listener {
    private final ServiceSetup.Given options;
    private final AtomicBoolean dirty = new AtomicBoolean();
    /** Instances about which something became known since they were last reviewed. */
    private final Set<InstanceState> moved = ConcurrentHashMap.newKeySet();

    private final Reconciler membership; // belongs to the updates
    private final AddressFilter addresses; // belongs to the updates
    /** By the subset whose instances they are; those of none, or all when there are no routes, come last. */
    private List<Cohort> cohorts; // belongs to the updates

    private @Nullable LongAdder inFlight; // belongs to the updates
    /** Among all instances, then among those of each subset that calls are sent to. */
    private List<Chooser> choosers; // belongs to the updates

    private boolean panicked; // belongs to the updates
    /** Of the members, their weights and pickers. */
    private int version; // belongs to the updates

    private Announcements untold = Announcements.first(); // belongs to the updates

    /** The options in force, and the choices made under them. */
    private volatile ServiceSetup setup;
    /** What people are shown: members and the choices made of them, which belong together. */
    private volatile Shown shown;

    private record Shown(
            Members members,
            Choice[] choices,
            ServiceOptions options,
            @Nullable Routing routing) {
        /** A subset of the routes by its name; none for all instances. */
        Optional<Subset> named(String name) {
            return Optional.ofNullable(options.routes().subsets().get(name));
        }

        /** What the {@code number}-th choice was made of. */
        SubsetState subset(int number) {
            return number == 0 || routing == null
                    ? SubsetState.ofAll(options.policy())
                    : routing.subsets().get(number - 1);
        }
    }

    private volatile boolean everKnown;

    Roster(String service, ServiceSetup.Given options) {
        ServiceOptions own = options.service();
        this.options = options;
        this.addresses = new AddressFilter(
                service, options.addressPolicy(), options.environment().listener());
        Routing routing = Routing.of(own, options.caller(), null, now());
        this.inFlight = own.policy().needsServiceInFlight() ? new LongAdder() : null;
        this.cohorts = cohorts(own, own.policy().latencyMemory(), List.of());
        Chooser all = new Chooser(own, picksAmongAll(routing), options.environment());
        this.choosers = new ArrayList<>(List.of(all));
        if (routing != null) {
            routing.subsets().forEach(subset -> choosers.add(all.of(subset, own)));
        }
        Choice[] nothing = new Choice[choosers.size()];
        Arrays.fill(nothing, Choice.NOTHING);
        this.setup = new ServiceSetup(own, ServiceStages.of(service, own, options.environment()), routing, nothing);
        this.membership = new Reconciler(
                own.outagePolicy(), options.environment(), sorting(own), addresses::isAllowed, this::newcomer);
        this.shown = new Shown(membership.members(), nothing, own, routing);
    }

    private static boolean picksAmongAll(@Nullable Routing routing) {
        return routing == null || routing.usesAll();
    }

    private static Members.Sorting sorting(ServiceOptions own) {
        return new Members.Sorting(
                own.zones(), List.copyOf(own.routes().subsets().values()));
    }

    /** One for each subset and one for the rest; one that is there stays. */
    private List<Cohort> cohorts(ServiceOptions own, LatencyMemory memory, List<Cohort> before) {
        List<@Nullable Subset> wanted = new ArrayList<>(own.routes().subsets().values());
        wanted.add(null);
        List<Cohort> found = new ArrayList<>();
        for (Subset subset : wanted) {
            Cohort known = null;
            for (Cohort cohort : before) {
                known = known == null && cohort.isOf(subset) && !found.contains(cohort) ? cohort : known;
            }
            found.add(known == null ? new Cohort(subset, own, memory, inFlight, this, options.environment()) : known);
        }
        return found;
    }

    /** The options in force, and the choices made under them. */
    ServiceSetup setup() {
        return setup;
    }

    /**
     * Other options, ready to be put in force. Asks a user's code for all that it has to say; changes nothing.
     *
     * @throws RefusedOption when that code throws
     */
    ServiceSetup.Next build(String service, ServiceOptions next, long nowNanos) {
        ServiceSetup running = setup;
        ServiceOptions before = running.options();
        if (RefusedOption.asking("equals", () -> next.equals(before))) {
            return ServiceSetup.Next.same(running);
        }
        ServiceStages.NextGuard guard = RefusedOption.asking(
                "serviceGuard", () -> running.stages().nextGuard(next, before, service, options.environment()));
        boolean isForChoices = RefusedOption.asking("equals", () -> isForChoices(next, before));
        return new ServiceSetup.Next(next, running, guard, isForChoices ? instances(next, running, nowNanos) : null);
    }

    private ServiceSetup.Next.Instances instances(ServiceOptions next, ServiceSetup running, long nowNanos) {
        ServiceOptions before = running.options();
        Map<InstanceState, Runnable> adoptions = new IdentityHashMap<>();
        boolean isSameGuard = RefusedOption.asking("equals", () -> next.guard().equals(before.guard()));
        if (!isSameGuard) {
            membership.forEachKnown(state ->
                    adoptions.put(state, RefusedOption.asking("guard", () -> state.adoption(next.guard()))));
        }
        return RefusedOption.asking("policy", () -> {
            Routing routing = Routing.of(next, options.caller(), running.routing(), nowNanos);
            LatencyMemory memory = next.policy().latencyMemory();
            LongAdder counter = inFlight == null && next.policy().needsServiceInFlight() ? new LongAdder() : inFlight;
            List<Chooser> choose = nextChoosers(next, routing);
            // All are looked at; an instance that moves again from here on is reviewed by the next update.
            moved.clear();
            Members members = membership.members().by(sorting(next));
            members.reviewAll();
            Choice[] made = previous(running.choices(), choose);
            for (int i = 0; i < made.length; i++) {
                Chooser chooser = choose.get(i);
                made[i] = chooser.plan(membersOf(chooser, routing, members), made[i], nowNanos);
            }
            return new ServiceSetup.Next.Instances(
                    version, routing, memory, counter, choose, isSameGuard, adoptions, made);
        });
    }

    /** Who chooses under other options: whoever chose among the same before knows what that one knew. */
    private List<Chooser> nextChoosers(ServiceOptions next, @Nullable Routing routing) {
        Chooser all = choosers.get(0).under(next, picksAmongAll(routing));
        List<Chooser> found = new ArrayList<>(List.of(all));
        for (SubsetState subset : routing == null ? List.<SubsetState>of() : routing.subsets()) {
            Chooser known = null;
            for (Chooser chooser : choosers) {
                known = chooser.subset() == subset ? chooser : known;
            }
            found.add(known == null ? all.of(subset, next) : known.under(next, true));
        }
        return found;
    }

    private static Members membersOf(Chooser chooser, @Nullable Routing routing, Members members) {
        SubsetState subset = chooser.subset();
        return routing == null || subset.isAll() ? members : members.of(routing.bit(subset));
    }

    /** For each chooser the choice that was made last among the same by the same policy, or one without pickers. */
    private Choice[] previous(Choice[] last, List<Chooser> next) {
        Choice[] found = new Choice[next.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = i == 0 ? last[0].withoutTiers() : Choice.NOTHING;
            for (int j = 0; j < choosers.size(); j++) {
                found[i] = choosers.get(j).subset() == next.get(i).subset() ? last[j] : found[i];
            }
        }
        return found;
    }

    /**
     * Puts options in force, with the choice made under them, at once. What is known of instances, and what stages remember,
     * stays; calls under way go on as they began. Pickers made over members or weights that are no longer so are made again;
     * what that throws is told, as after any list, and the service goes on with those that there are.
     */
    void putInForce(String service, ServiceSetup.Next built, long nowNanos) {
        ServiceSetup running = setup;
        // A new service takes up options by itself, maybe while others are built for it.
        ServiceSetup.Next next = built.base() == running ? built : build(service, built.options(), nowNanos);
        if (next.isSame()) {
            return;
        }
        run(next.guard().adoption());
        ServiceOptions before = running.options();
        ServiceStages stages =
                running.stages().under(next.options(), before, next.guard().guard(), service, options.environment());
        ServiceSetup.Next.Instances instances = next.instances();
        if (instances == null) {
            setup = new ServiceSetup(next.options(), stages, running.routing(), running.choices());
            shown = new Shown(shown.members(), shown.choices(), next.options(), running.routing());
            return;
        }
        takeUp(next.options(), before, instances, nowNanos);
        setup = new ServiceSetup(next.options(), stages, instances.routing(), instances.choices());
        shown = new Shown(membership.members(), instances.choices(), next.options(), instances.routing());
        if (isOutdated(instances, nowNanos)) {
            rebuild(nowNanos);
        }
    }

    /** Whether pickers have to be made again. Tells instances what the choices mean for them. */
    private boolean isOutdated(ServiceSetup.Next.Instances instances, long nowNanos) {
        Members members = membership.members();
        Choice[] choices = instances.choices();
        members.reviewAll();
        sort(instances.routing(), members, nowNanos);
        boolean panics = choices[0].panic();
        if (instances.routing() == null) {
            members.forEachToReview(state -> state.gate().panic(panics));
        } else {
            panicked = panicBySubset(instances.routing(), members, choices);
        }
        boolean isOutdated = version != instances.version() || !moved.isEmpty();
        for (int i = 0; i < choices.length; i++) {
            isOutdated |= choosers.get(i).isOutdated(choices[i], nowNanos);
        }
        return isOutdated;
    }

    private void run(Runnable users) {
        try {
            users.run();
        } catch (Throwable thrown) {
            options.environment().listener().onCallbackFailed("the adoption of a guard", thrown);
        }
    }

    /** Whether anything differs that instances or choices depend on. */
    private static boolean isForChoices(ServiceOptions next, ServiceOptions before) {
        return !next.policy().equals(before.policy())
                || !next.routes().equals(before.routes())
                || !next.guard().equals(before.guard())
                || !next.zones().equals(before.zones())
                || !next.subsetting().equals(before.subsetting())
                || !next.slowStart().equals(before.slowStart())
                || !next.dynamicWeights().equals(before.dynamicWeights())
                || !next.concurrencyLimits().equals(before.concurrencyLimits())
                || !next.health().peers().equals(before.health().peers())
                || !next.outagePolicy().equals(before.outagePolicy());
    }

    private void takeUp(
            ServiceOptions next, ServiceOptions before, ServiceSetup.Next.Instances instances, long nowNanos) {
        inFlight = instances.inFlight();
        cohorts = cohorts(next, instances.memory(), cohorts);
        cohorts.forEach(cohort -> cohort.change(next, before, instances.memory(), inFlight, nowNanos));
        choosers = instances.choosers();
        choosers.forEach(Chooser::putInForce);
        if (instances.routing() != null) {
            instances.routing().begin(nowNanos);
        }
        boolean isSameSlowStart = next.slowStart().equals(before.slowStart());
        membership.change(next.outagePolicy(), sorting(next));
        membership.forEachKnown(state -> {
            if (!instances.isSameGuard()) {
                Runnable built = instances.adoptions().get(state);
                run(built != null ? built : () -> state.adoption(next.guard()).run());
            }
            state.change(cohortOf(state).shared(), nowNanos);
            if (!isSameSlowStart) {
                state.listing().warmUnder(next.slowStart());
            }
        });
    }

    private Cohort cohortOf(InstanceState state) {
        return cohort(membership.members().firstSubsetOf(state.instance()));
    }

    /** The peers of an instance, by the first subset it belongs to; -1 for none. */
    private Cohort cohort(int subset) {
        return cohorts.get(subset < 0 ? cohorts.size() - 1 : subset);
    }

    /** Whether the service ever had an instance. */
    boolean isEverKnown() {
        return everKnown;
    }

    /** Adopts a list. */
    void adopt(ServiceSnapshot next, boolean afterInterruption, long nowNanos) {
        addresses.begin();
        int held = membership.adopt(next, afterInterruption, nowNanos);
        // The others are reviewed once a second: of 10,000 instances one changes.
        List<InstanceState> touched = membership.touched();
        untold.review(touched);
        join(touched, nowNanos);
        if (membership.succeeded() > 0) {
            untold.released(new Announcements.Release(membership.succeeded(), "another is listed at the same address"));
        }
        rebuild(nowNanos);
        everKnown |= !next.isEmpty();
        untold.listed(next, held, afterInterruption ? "missing after an interruption" : "most vanished at once");
    }

    /** Once a second: lets held instances go, moves slow start on, judges panic. */
    void evaluate(boolean tooOld, long nowNanos) {
        List<InstanceState> before = membership.members().list();
        untold.review(before);
        forEachCohort((cohort, peers) -> cohort.learnFrom(peers, nowNanos));
        before.forEach(state -> state.gate().mustAsk().refresh());
        boolean changed = dirty.getAndSet(false);
        membership.forgetRetired();
        Announcements.Release released = release(tooOld, before, nowNanos);
        untold.released(released);
        changed |= released != null;
        forEachCohort((cohort, peers) -> cohort.moveLevels(peers, nowNanos));
        moved.clear();
        membership.members().reviewAll();
        Choice[] choices = setup.choices();
        for (int i = 0; i < choices.length; i++) {
            changed |= choosers.get(i).isOutdated(choices[i], nowNanos);
        }
        if (changed) {
            rebuild(nowNanos);
        }
        forEachCohort((cohort, peers) -> cohort.compare(peers, nowNanos));
    }

    private interface CohortAction {
        void accept(Cohort cohort, List<InstanceState> peers);
    }

    private void forEachCohort(CohortAction action) {
        Members members = membership.members();
        if (cohorts.size() == 1) {
            action.accept(cohorts.get(0), members.list());
            return;
        }
        List<List<InstanceState>> peers = new ArrayList<>();
        cohorts.forEach(cohort -> peers.add(new ArrayList<>()));
        for (int i = 0; i < members.size(); i++) {
            int subset = members.firstSubset(i);
            peers.get(subset < 0 ? cohorts.size() - 1 : subset).add(members.state(i));
        }
        for (int i = 0; i < peers.size(); i++) {
            action.accept(cohorts.get(i), peers.get(i));
        }
    }

    /** What the list says of an instance may have changed who its peers are. */
    private void join(List<InstanceState> touched, long nowNanos) {
        if (cohorts.size() > 1) {
            touched.forEach(state -> state.join(cohortOf(state).shared(), nowNanos));
        }
    }

    /** Lets go of what need not be held any longer; null when there is nothing. */
    private Announcements.@Nullable Release release(boolean tooOld, List<InstanceState> members, long nowNanos) {
        if (tooOld && !members.isEmpty()) {
            return new Announcements.Release(membership.forgetAll(), "the list is older than it may be");
        }
        if (!membership.holdsAny()) {
            return null;
        }
        if (members.stream().filter(state -> state.listing().isHeld()).allMatch(InstanceState::isUnreachable)) {
            return new Announcements.Release(membership.releaseAll(), "every one refuses connections");
        }
        int expired = membership.expire(nowNanos);
        return expired == 0 ? null : new Announcements.Release(expired, "the grace is over");
    }

    /** What came of the updates and has not been told; to be told outside them. */
    Announcements announcements(long nowNanos) {
        Announcements made = untold;
        untold = made.complete(membership.members().list(), cohorts, addresses.take(), panicked, nowNanos);
        return made;
    }

    /** Outside the updates, by one thread at a time. */
    void tell(String service, Announcements made) {
        made.tell(service, addresses, options.environment().listener());
    }

    @Override
    public void onEjectionChanged(InstanceState state, boolean ejected) {
        if (ejected) {
            state.ejected(now());
        } else {
            state.restored(now(), setup.options().slowStart());
        }
        moved.add(state);
        dirty.set(true);
    }

    @Override
    public void onEjectionDenied(InstanceState state, String reason) {
        state.condition().denied(reason, options.environment().ticker().nanos());
        moved.add(state);
    }

    @Override
    public void onMoved(InstanceState state) {
        moved.add(state);
    }

    /** Lets go of the held instances when every one of them refuses connections: then they are gone. */
    @Override
    public void onUnreachable(InstanceState state) {
        if (state.listing().isHeld()) {
            dirty.set(true);
        }
    }

    /** Listed and held instances by id. */
    List<ServiceInstance> instances() {
        return membership.members().instances();
    }

    /** What the routes do now; null when there are none. */
    @Nullable
    RoutesView routes(long nowNanos) {
        Shown now = shown;
        return now.routing() == null ? null : now.routing().view(now.choices(), now.members(), nowNanos);
    }

    List<InstanceView> views(long nowNanos) {
        List<InstanceView> views = new ArrayList<>();
        shown.members().list().forEach(state -> views.add(state.view(nowNanos)));
        return views;
    }

    /**
     * Why each of the first {@code most} instances can take a call, or can not. Where rules send it: in the first of its subsets
     * in which one can, and in the one it is assigned to when nobody can.
     */
    Explanation explain(String service, PickContext context, int most, long nowNanos) {
        Shown now = shown;
        Routing routing = now.routing();
        if (routing == null) {
            return explain(now, service, 0, List.of(), context, most, nowNanos);
        }
        List<String> rules = routing.table().explain(context, nowNanos);
        Chain chain = routing.peek(context, new SplittableRandom(0), nowNanos);
        for (int place = 0; place < chain.length(); place++) {
            Explanation found = explain(now, service, chain.choice(place), rules, context, most, nowNanos);
            if (found.usable() > 0) {
                return found;
            }
        }
        return explain(now, service, chain.choice(0), rules, context, most, nowNanos);
    }

    private static Explanation explain(
            Shown now, String service, int number, List<String> rules, PickContext context, int most, long nowNanos) {
        SubsetState subset = now.subset(number);
        return new Explainer(now.choices()[number], subset, now.options().zones(), context, nowNanos)
                .explain(service, subset.policy().name(), rules, now.members().list(), most);
    }

    /** Where calls would go, with nobody noticing. */
    DryRun rehearse(String service, IntFunction<PickContext> contexts, int picks, long nowNanos) {
        Shown now = shown;
        return new Rehearsal(now.choices(), now::subset, now.routing(), options.environment(), nowNanos)
                .run(service, now.members().list(), contexts, picks);
    }

    /** Whether nobody is known who fits one of the subsets that may answer a call. */
    boolean isEmpty(Chain chain) {
        Shown now = shown;
        return now.members().list().stream()
                .noneMatch(state -> chain.names().stream()
                        .anyMatch(name -> now.named(name)
                                .map(subset -> subset.matches(state.instance()))
                                .orElse(true)));
    }

    /** The subsets that may answer a call, with what they ask for. */
    List<String> described(Chain chain) {
        Shown now = shown;
        return chain.names().stream()
                .map(name -> now.named(name)
                        .map(subset -> "'" + name + "' (" + subset + ")")
                        .orElse("all"))
                .toList();
    }

    /** How many instances each other subset has, by name in order of the routes; those that have some. */
    Map<String, Integer> sizesOfOthers(Chain chain) {
        Shown now = shown;
        Map<String, Integer> sizes = new LinkedHashMap<>();
        now.options().routes().subsets().forEach((name, subset) -> {
            int size = (int) now.members().list().stream()
                    .filter(state -> subset.matches(state.instance()))
                    .count();
            if (size > 0 && !chain.names().contains(name)) {
                sizes.put(name, size);
            }
        });
        return sizes;
    }

    /** What was wrong with the address of one the latest list lost, or null when it lost none. */
    @Nullable
    String lastRejection() {
        return addresses.lastRejection();
    }

    private InstanceState newcomer(ServiceInstance instance) {
        InstanceState state =
                new InstanceState(instance, cohorts.get(cohorts.size() - 1).shared());
        if (everKnown) {
            state.listing().warmUp(now(), setup.options().slowStart());
        }
        return state;
    }

    private void rebuild(long nowNanos) {
        ServiceSetup running = setup;
        Choice[] made = choose(running.routing(), running.choices(), nowNanos);
        shown = new Shown(membership.members(), made, running.options(), running.routing());
        running.choose(made);
    }

    private Choice[] choose(@Nullable Routing routing, Choice[] previous, long nowNanos) {
        version++;
        Members members = membership.members();
        // An instance that moves again from here on is reviewed by the next update.
        for (InstanceState state : moved) {
            moved.remove(state);
            members.review(state);
        }
        sort(routing, members, nowNanos);
        Choice[] made = new Choice[choosers.size()];
        // Who chooses among all comes last: then what had to be reviewed has been.
        for (int i = made.length - 1; i >= 0; i--) {
            made[i] = choosers.get(i).choose(previous[i], nowNanos);
        }
        panicked = routing == null ? made[0].panic() : panicBySubset(routing, members, made);
        return made;
    }

    /** Each chooser sorts its members, and each cohort shares its seats among the ejected. */
    private void sort(@Nullable Routing routing, Members members, long nowNanos) {
        int[] called = new int[choosers.size()];
        for (int i = 0; i < called.length; i++) {
            called[i] = choosers.get(i).sort(membersOf(choosers.get(i), routing, members));
        }
        if (routing == null) {
            List<InstanceState> toReview = new ArrayList<>();
            members.forEachToReview(toReview::add);
            cohorts.get(0).shareSeats(called[0], false, toReview, nowNanos);
        } else {
            shareSeatsBySubset(routing, members, called, nowNanos);
        }
    }

    /** Instances learn whether somebody who may pick them does so in panic; whether anybody does. */
    private boolean panicBySubset(Routing routing, Members members, Choice[] made) {
        int subsets = 0;
        for (int i = 1; i < made.length; i++) {
            subsets |= made[i].panic() ? 1 << routing.bit(choosers.get(i).subset()) : 0;
        }
        boolean all = routing.usesAll() && made[0].panic();
        boolean panics = all || subsets != 0;
        // While nobody panics, as most of the time, no instance is touched.
        for (int i = 0; (panics || panicked) && i < members.size(); i++) {
            members.state(i).gate().panic(all || members.isInAny(i, subsets));
        }
        return panics;
    }

    private void shareSeatsBySubset(Routing routing, Members members, int[] called, long nowNanos) {
        int last = cohorts.size() - 1;
        int[] serving = new int[cohorts.size()];
        List<List<InstanceState>> toReview = new ArrayList<>();
        cohorts.forEach(cohort -> toReview.add(new ArrayList<>()));
        for (int i = 0; i < members.size(); i++) {
            int subset = members.firstSubset(i);
            int peers = subset < 0 ? last : subset;
            serving[peers] += members.isDraining(i) ? 0 : 1;
            if (members.needsReview(i)) {
                toReview.get(peers).add(members.state(i));
            }
        }
        for (int i = 1; i < called.length; i++) {
            int subset = routing.bit(choosers.get(i).subset());
            serving[subset] = Math.min(serving[subset], called[i]);
        }
        for (int i = 0; i <= last; i++) {
            boolean isReplaceable = i < last && routing.isReplaceable(i);
            cohorts.get(i).shareSeats(serving[i], isReplaceable, toReview.get(i), nowNanos);
        }
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
