// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.DryRun;
import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.HealthPolicy.PeerRule;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.stage.ServiceStages;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one service with their state, and the choice made of them, which every call reads. Lists and the
 * evaluator change it, one update at a time ({@link Updates}); the choice, what people ask, and what instances tell are for
 * any thread.
 */
final class Roster implements SharedState.Listener {
    private static final int MOST_UNTOLD = 1_000;

    private final BalancerOptions options;
    private final LatencyEstimate.Peers peers = new LatencyEstimate.Peers();
    private final EjectionQuota quota = new EjectionQuota();
    private final Listing.Pleas pleas = new Listing.Pleas(quota);
    private SharedState shared; // belongs to the updates
    private final AtomicBoolean dirty = new AtomicBoolean();
    /** Instances about which something became known since they were last reviewed. */
    private final Set<InstanceState> moved = ConcurrentHashMap.newKeySet();

    private final Reconciler membership; // belongs to the updates
    private final AddressFilter addresses; // belongs to the updates
    private Chooser chooser; // belongs to the updates
    /** Of the members, their weights and pickers. */
    private int version; // belongs to the updates

    private @Nullable PeerComparison comparison; // belongs to the updates
    private @Nullable HealthLevels levels; // belongs to the updates
    private List<HealthLevels.Change> levelChanges = List.of(); // belongs to the updates
    private boolean toldDegraded; // belongs to the updates
    private List<PeerComparison.Outlier> outliers = List.of(); // belongs to the updates
    private List<InstanceState> review = List.of(); // belongs to the updates
    private boolean toldPanic; // belongs to the updates
    private Announcements.@Nullable Release release; // belongs to the updates

    /** The options in force, and the choice made under them. */
    private volatile ServiceSetup setup;
    /** What people are shown: members and the choice made of them, which belong together. */
    private volatile Shown shown;

    private record Shown(Members members, Choice choice, ServiceOptions options) {}

    private volatile boolean everKnown;

    Roster(String service, BalancerOptions options) {
        ServiceOptions own = options.service();
        this.setup = new ServiceSetup(own, ServiceStages.of(service, own, options.environment()), Choice.NOTHING);
        this.options = options;
        this.addresses = new AddressFilter(
                service, options.addressPolicy(), options.environment().listener());
        this.shared = shared(own, null, new LatencyModel(own.policy().latencyMemory(), peers));
        this.chooser = new Chooser(own, options.environment());
        DynamicWeights dynamicWeights = own.dynamicWeights();
        this.levels = dynamicWeights.isOff() ? null : new HealthLevels(dynamicWeights, now());
        PeerRule peers = own.health().peers();
        this.comparison = peers.isOff()
                ? null
                : new PeerComparison(peers, options.environment().ticker().nanos());
        this.membership = new Reconciler(
                own.outagePolicy(), options.environment(), own.zones(), addresses::isAllowed, this::newcomer);
        this.shown = new Shown(membership.members(), Choice.NOTHING, own);
    }

    private SharedState shared(ServiceOptions own, @Nullable LongAdder inFlight, LatencyModel latency) {
        return new SharedState(
                own.guard(),
                quota,
                pleas,
                latency,
                inFlight == null && own.policy().needsServiceInFlight() ? new LongAdder() : inFlight,
                own.dynamicWeights(),
                own.concurrencyLimits(),
                this,
                options.environment());
    }

    /** The options in force, and the choice made under them. */
    ServiceSetup setup() {
        return setup;
    }

    Choice choice() {
        return setup.choice();
    }

    /**
     * Other options, ready to be put in force. Asks a user's code for all that it has to say; changes nothing.
     *
     * @throws RefusedOption when that code throws
     */
    NextSetup build(String service, ServiceOptions next, long nowNanos) {
        ServiceSetup running = setup;
        ServiceOptions before = running.options();
        if (RefusedOption.asking("equals", () -> next.equals(before))) {
            return NextSetup.same(running);
        }
        ServiceStages.NextGuard guard = RefusedOption.asking(
                "serviceGuard", () -> running.stages().nextGuard(next, before, service, options.environment()));
        boolean isForChoices = RefusedOption.asking("equals", () -> isForChoices(next, before));
        return new NextSetup(next, running, guard, isForChoices ? instances(next, running, nowNanos) : null);
    }

    private NextSetup.Instances instances(ServiceOptions next, ServiceSetup running, long nowNanos) {
        ServiceOptions before = running.options();
        Map<InstanceState, Runnable> adoptions = new IdentityHashMap<>();
        boolean isSameGuard = RefusedOption.asking("equals", () -> next.guard().equals(before.guard()));
        if (!isSameGuard) {
            membership.forEachKnown(state ->
                    adoptions.put(state, RefusedOption.asking("guard", () -> state.adoption(next.guard()))));
        }
        return RefusedOption.asking("policy", () -> {
            boolean isSameMemory =
                    next.policy().latencyMemory() == before.policy().latencyMemory();
            SharedState common = shared(
                    next,
                    shared.inFlight(),
                    isSameMemory
                            ? shared.latency()
                            : new LatencyModel(next.policy().latencyMemory(), peers));
            Chooser chooses = chooser.under(next);
            // All are looked at; an instance that moves again from here on is reviewed by the next update.
            moved.clear();
            Members members = membership.members().in(next.zones());
            members.reviewAll();
            Choice last = running.choice();
            boolean isSamePolicy = next.policy().equals(before.policy());
            Choice made = chooses.plan(members, isSamePolicy ? last : last.withoutTiers(), nowNanos);
            return new NextSetup.Instances(version, common, chooses, isSameGuard, adoptions, made);
        });
    }

    /**
     * Puts options in force, with the choice made under them, at once. What is known of instances, and what stages remember,
     * stays; calls under way go on as they began. Pickers made over members or weights that are no longer so are made again;
     * what that throws is told, as after any list, and the service goes on with those that there are.
     */
    void putInForce(String service, NextSetup built, long nowNanos) {
        ServiceSetup running = setup;
        // A new service takes up options by itself, maybe while others are built for it.
        NextSetup next = built.base() == running ? built : build(service, built.options(), nowNanos);
        if (next.isSame()) {
            return;
        }
        run(next.guard().adoption());
        ServiceOptions before = running.options();
        ServiceStages stages =
                running.stages().under(next.options(), before, next.guard().guard(), service, options.environment());
        NextSetup.Instances instances = next.instances();
        if (instances == null) {
            setup = new ServiceSetup(next.options(), stages, running.choice());
            shown = new Shown(shown.members(), shown.choice(), next.options());
            return;
        }
        takeUp(next.options(), before, instances, nowNanos);
        setup = new ServiceSetup(next.options(), stages, instances.choice());
        shown = new Shown(membership.members(), instances.choice(), next.options());
        if (isOutdated(instances, nowNanos)) {
            rebuild(nowNanos);
        }
    }

    /** Whether pickers have to be made again. Tells instances what the choice means for them. */
    private boolean isOutdated(NextSetup.Instances instances, long nowNanos) {
        boolean panics = instances.choice().panic();
        Members members = membership.members();
        members.reviewAll();
        quota.setInstances(chooser.sort(members));
        shareSeats(members, nowNanos);
        members.forEachToReview(state -> state.gate().panic(panics));
        boolean isReweighted = EffectiveWeights.refresh(members, panics, nowNanos);
        return isReweighted || version != instances.version() || !moved.isEmpty() || chooser.isOutdated(nowNanos);
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
                || !next.guard().equals(before.guard())
                || !next.zones().equals(before.zones())
                || !next.subsetting().equals(before.subsetting())
                || !next.slowStart().equals(before.slowStart())
                || !next.dynamicWeights().equals(before.dynamicWeights())
                || !next.concurrencyLimits().equals(before.concurrencyLimits())
                || !next.health().peers().equals(before.health().peers())
                || !next.outagePolicy().equals(before.outagePolicy());
    }

    private void takeUp(ServiceOptions next, ServiceOptions before, NextSetup.Instances instances, long nowNanos) {
        shared = instances.shared();
        chooser = instances.chooser();
        chooser.putInForce();
        DynamicWeights weights = next.dynamicWeights();
        if (!weights.equals(before.dynamicWeights())) {
            levels = weights.isOff() ? null : new HealthLevels(weights, nowNanos);
        }
        PeerRule rule = next.health().peers();
        if (!rule.equals(before.health().peers())) {
            comparison = rule.isOff()
                    ? null
                    : comparison == null ? new PeerComparison(rule, nowNanos) : comparison.under(rule);
        }
        boolean isSameSlowStart = next.slowStart().equals(before.slowStart());
        membership.change(next.outagePolicy(), next.zones());
        membership.forEachKnown(state -> {
            if (!instances.isSameGuard()) {
                Runnable built = instances.adoptions().get(state);
                run(built != null ? built : () -> state.adoption(next.guard()).run());
            }
            state.change(shared, nowNanos);
            if (!isSameSlowStart) {
                state.listing().warmUnder(next.slowStart());
            }
        });
    }

    /** Whether the service ever had an instance. */
    boolean isEverKnown() {
        return everKnown;
    }

    /**
     * Adopts a list.
     *
     * @return the number of instances newly held
     */
    int adopt(ServiceSnapshot next, boolean afterInterruption, long nowNanos) {
        addresses.begin();
        int held = membership.adopt(next, afterInterruption, nowNanos);
        // The others are reviewed once a second: of 10,000 instances one changes.
        review = membership.touched();
        if (membership.succeeded() > 0) {
            noteRelease(new Announcements.Release(membership.succeeded(), "another is listed at the same address"));
        }
        rebuild(nowNanos);
        everKnown |= !next.isEmpty();
        return held;
    }

    /** Once a second: lets held instances go, moves slow start on, judges panic. */
    void evaluate(boolean tooOld, long nowNanos) {
        List<InstanceState> before = membership.members().list();
        review = before;
        peers.refresh(before.stream().mapToDouble(state -> shared.latency().ownMicros(state.latencyWord())));
        pleas.forgetPast(nowNanos);
        before.forEach(state -> state.gate().mustAsk().refresh());
        boolean changed = dirty.getAndSet(false);
        membership.forgetRetired();
        Announcements.Release released = release(tooOld, before, nowNanos);
        noteRelease(released);
        changed |= released != null;
        Members members = membership.members();
        if (levels != null) {
            levelChanges = withUntold(levels.judge(members.list(), nowNanos));
        }
        moved.clear();
        members.reviewAll();
        changed |= EffectiveWeights.refresh(members, choice().panic(), nowNanos);
        if (changed || choice().panic() || chooser.isOutdated(nowNanos)) {
            rebuild(nowNanos);
        }
        if (comparison != null) {
            outliers = comparison.judge(members.list(), nowNanos);
        }
    }

    /** Adds to those that nobody has told yet. */
    private void noteRelease(Announcements.@Nullable Release more) {
        Announcements.Release before = release;
        if (more != null) {
            release = before == null
                    ? more
                    : new Announcements.Release(before.instances() + more.instances(), more.reason());
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

    /** The changes that nobody has told yet, then these; only the last so many are kept. */
    private List<HealthLevels.Change> withUntold(List<HealthLevels.Change> more) {
        if (levelChanges.isEmpty()) {
            return more;
        }
        List<HealthLevels.Change> all = new ArrayList<>(levelChanges);
        all.addAll(more);
        return all.subList(Math.max(0, all.size() - MOST_UNTOLD), all.size());
    }

    /** What addresses lost, since this was last asked. */
    List<AddressFilter.Rejection> takeRejections() {
        return addresses.take();
    }

    /** Outside the updates, by one thread at a time. */
    void tellRejections(List<AddressFilter.Rejection> rejections) {
        addresses.tell(rejections);
    }

    /** What changed and has not been told; to be told outside the updates. */
    Announcements announcements(long nowNanos) {
        boolean panics = choice().panic();
        Boolean panic = panics == toldPanic ? null : (Boolean) panics;
        toldPanic = panics;
        boolean isDegraded = levels != null && levels.isDegraded();
        Boolean degraded = isDegraded == toldDegraded ? null : (Boolean) isDegraded;
        toldDegraded = isDegraded;
        Announcements made = new Announcements(
                membership.members().list(), review, outliers, levelChanges, panic, degraded, release, nowNanos);
        outliers = List.of();
        levelChanges = List.of();
        release = null;
        return made;
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

    List<InstanceView> views(long nowNanos) {
        List<InstanceView> views = new ArrayList<>();
        shown.members().list().forEach(state -> views.add(state.view(nowNanos)));
        return views;
    }

    /** Why each of the first {@code most} instances can take a call, or can not. */
    Explanation explain(String service, PickContext context, int most, long nowNanos) {
        Shown now = shown;
        return new Explainer(now.choice(), now.options().zones(), context, nowNanos)
                .explain(service, now.options().policy().name(), now.members().list(), most);
    }

    /** Where calls would go, with nobody noticing. */
    DryRun rehearse(String service, IntFunction<PickContext> contexts, int picks, long nowNanos) {
        Shown now = shown;
        return new Rehearsal(now.choice(), now.options().policy(), options.environment(), nowNanos)
                .run(service, now.members().list(), contexts, picks);
    }

    /** What was wrong with the address of one the latest list lost, or null when it lost none. */
    @Nullable
    String lastRejection() {
        return addresses.lastRejection();
    }

    private InstanceState newcomer(ServiceInstance instance) {
        InstanceState state = new InstanceState(instance, shared);
        if (everKnown) {
            state.listing().warmUp(now(), setup.options().slowStart());
        }
        return state;
    }

    private void rebuild(long nowNanos) {
        version++;
        ServiceSetup running = setup;
        Choice made = choose(running.choice(), nowNanos);
        shown = new Shown(membership.members(), made, running.options());
        running.choose(made);
    }

    private Choice choose(Choice previous, long nowNanos) {
        Members members = membership.members();
        // An instance that moves again from here on is reviewed by the next update.
        for (InstanceState state : moved) {
            moved.remove(state);
            members.review(state);
        }
        quota.setInstances(chooser.sort(members));
        shareSeats(members, nowNanos);
        return chooser.choose(previous, nowNanos);
    }

    /** A smaller list leaves fewer seats among the ejected: the least bad serve again. A larger one may have seats for them. */
    private void shareSeats(Members members, long nowNanos) {
        List<InstanceState> toReview = new ArrayList<>();
        members.forEachToReview(toReview::add);
        if (quota.ejected() <= quota.limit()) {
            toReview.stream()
                    .filter(state -> state.gate().isPardoned())
                    .forEach(state -> state.gate().claimSeat());
            return;
        }
        toReview.stream()
                .filter(state -> state.gate().isEjected())
                .sorted(Comparator.comparingDouble((InstanceState state) -> state.successRatio(nowNanos))
                        .reversed())
                .limit(quota.ejected() - quota.limit())
                .forEach(state -> state.gate().pardon());
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
