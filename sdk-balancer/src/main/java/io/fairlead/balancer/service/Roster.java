// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.stage.ServiceStages;
import io.fairlead.spi.LatencyMemory;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
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
    private final Choosers choosers; // belongs to the updates
    /** Of the members, their weights and pickers. */
    private int version; // belongs to the updates

    private Announcements untold = Announcements.first(); // belongs to the updates

    /** The options in force, and the choices made under them. */
    private volatile ServiceSetup setup;
    /** What people are shown: members and the choices made of them, which belong together. */
    private volatile Picture picture;

    private volatile boolean everKnown;

    Roster(String service, ServiceSetup.Given options) {
        ServiceOptions own = options.service();
        this.options = options;
        this.addresses = new AddressFilter(
                service, options.addressPolicy(), options.environment().listener());
        Routing routing = Routing.of(own, options.caller(), null, now());
        this.choosers = new Choosers(own, routing, this, options.counts(), options.environment());
        Choice[] nothing = choosers.nothing();
        this.setup = new ServiceSetup(own, ServiceStages.of(service, own, options.environment()), routing, nothing);
        this.membership = new Reconciler(
                own.outagePolicy(), options.environment(), sorting(own), addresses::isAllowed, this::newcomer);
        this.picture = new Picture(membership.members(), nothing, own, routing);
    }

    private static Members.Sorting sorting(ServiceOptions own) {
        return new Members.Sorting(
                own.zones(), List.copyOf(own.routes().subsets().values()));
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
            LongAdder counter = choosers.inFlightUnder(next);
            List<Chooser> choose = choosers.under(next, routing);
            // All are looked at; an instance that moves again from here on is reviewed by the next update.
            moved.clear();
            Members members = membership.members().by(sorting(next));
            members.reviewAll();
            Choice[] made = choosers.plan(choose, routing, members, running.choices(), nowNanos);
            return new ServiceSetup.Next.Instances(
                    version, routing, memory, counter, choose, isSameGuard, adoptions, made);
        });
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
            picture = new Picture(picture.members(), picture.choices(), next.options(), running.routing());
            return;
        }
        takeUp(next.options(), before, instances, nowNanos);
        setup = new ServiceSetup(next.options(), stages, instances.routing(), instances.choices());
        picture = new Picture(membership.members(), instances.choices(), next.options(), instances.routing());
        boolean isNew = version != instances.version() || !moved.isEmpty();
        if (choosers.settle(membership.members(), instances.choices(), nowNanos) || isNew) {
            rebuild(nowNanos);
        }
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
        choosers.takeUp(next, before, instances, nowNanos);
        boolean isSameSlowStart = next.slowStart().equals(before.slowStart());
        membership.change(next.outagePolicy(), sorting(next));
        choosers.prepareSeats(membership.members());
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
        return choosers.cohort(membership.members().firstSubsetOf(state.instance()));
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
        options.counts().listChange();
        everKnown |= !next.isEmpty();
        untold.listed(next, held, afterInterruption ? "missing after an interruption" : "most vanished at once");
    }

    /** Once a second: lets held instances go, moves slow start on, judges panic. */
    void evaluate(boolean tooOld, long nowNanos) {
        List<InstanceState> before = membership.members().list();
        untold.review(before);
        choosers.forEachCohort(membership.members(), (cohort, peers) -> cohort.learnFrom(peers, nowNanos));
        before.forEach(state -> state.gate().mustAsk().refresh());
        boolean changed = dirty.getAndSet(false);
        membership.forgetRetired();
        Announcements.Release released = release(tooOld, before, nowNanos);
        untold.released(released);
        changed |= released != null;
        choosers.forEachCohort(membership.members(), (cohort, peers) -> cohort.moveLevels(peers, nowNanos));
        moved.clear();
        membership.members().reviewAll();
        changed |= choosers.isOutdated(setup.choices(), nowNanos);
        if (changed) {
            rebuild(nowNanos);
        }
        choosers.forEachCohort(membership.members(), (cohort, peers) -> cohort.compare(peers, nowNanos));
    }

    /** What the list says of an instance may have changed who its peers are. */
    private void join(List<InstanceState> touched, long nowNanos) {
        if (choosers.cohorts().size() > 1) {
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
        List<AddressFilter.Rejection> rejections = addresses.take();
        options.counts().rejectedEntries(rejections.size());
        untold =
                made.complete(membership.members().list(), choosers.cohorts(), rejections, choosers.panics(), nowNanos);
        return made;
    }

    /** Outside the updates, by one thread at a time. */
    void tell(String service, Announcements made) {
        made.tell(service, addresses, options.environment().listener());
    }

    @Override
    public void onEjectionChanged(InstanceState state, boolean ejected) {
        if (ejected) {
            options.counts().ejection(state.condition().ejectedBy());
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

    /** How many instances are kept that the registry no longer lists. Belongs to the updates. */
    int held() {
        return membership.held();
    }

    /** Listed and held instances by id. */
    List<ServiceInstance> instances() {
        return membership.members().instances();
    }

    /** What people are shown now. */
    Picture picture() {
        return picture;
    }

    /** What was wrong with the address of one the latest list lost, or null when it lost none. */
    @Nullable
    String lastRejection() {
        return addresses.lastRejection();
    }

    private InstanceState newcomer(ServiceInstance instance) {
        InstanceState state = new InstanceState(instance, choosers.cohort(-1).shared());
        if (everKnown) {
            state.listing().warmUp(now(), setup.options().slowStart());
        }
        return state;
    }

    private void rebuild(long nowNanos) {
        ServiceSetup running = setup;
        version++;
        Members members = membership.members();
        // An instance that moves again from here on is reviewed by the next update.
        for (InstanceState state : moved) {
            moved.remove(state);
            members.review(state);
        }
        Choice[] made = choosers.choose(members, running.choices(), nowNanos);
        picture = new Picture(membership.members(), made, running.options(), running.routing());
        running.choose(made);
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
