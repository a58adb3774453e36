// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.Environment;
import io.fairlead.spi.LatencyMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Who chooses among the instances of a service: one for all of them, and one for each subset that rules send calls to. Beside
 * them the cohorts, which share the seats among the ejected: how many an instance's peers are is what its choosers sort. Without
 * routes there is one of each. Belongs to the service's updates.
 */
final class Choosers {
    private final SharedState.Listener listener;
    private final ServiceCounts counts;
    private final Environment environment;
    /** By the subset whose instances they are; those of none, or all when there are no routes, come last. */
    private List<Cohort> cohorts;

    private @Nullable LongAdder inFlight;
    private @Nullable Routing routing;
    /** Among all instances, then among those of each subset. */
    private List<Chooser> choosers;

    private boolean panics;

    Choosers(
            ServiceOptions own,
            @Nullable Routing routing,
            SharedState.Listener listener,
            ServiceCounts counts,
            Environment environment) {
        this.listener = listener;
        this.counts = counts;
        this.environment = environment;
        this.inFlight = own.policy().needsServiceInFlight() ? new LongAdder() : null;
        this.routing = routing;
        this.cohorts = cohorts(own, own.policy().latencyMemory(), List.of());
        Chooser all = new Chooser(own, picksAmongAll(routing), environment);
        this.choosers = new ArrayList<>(List.of(all));
        if (routing != null) {
            routing.subsets().forEach(subset -> choosers.add(all.of(subset, own)));
        }
    }

    /** What has been chosen before there is anybody. */
    Choice[] nothing() {
        Choice[] nothing = new Choice[choosers.size()];
        Arrays.fill(nothing, Choice.NOTHING);
        return nothing;
    }

    /** Attempts in flight on all of the service, for options that need them; null when nobody needs to know. */
    @Nullable
    LongAdder inFlightUnder(ServiceOptions next) {
        return inFlight == null && next.policy().needsServiceInFlight() ? new LongAdder() : inFlight;
    }

    private static boolean picksAmongAll(@Nullable Routing routing) {
        return routing == null || routing.usesAll();
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
            found.add(known == null ? new Cohort(subset, own, memory, inFlight, listener, counts, environment) : known);
        }
        return found;
    }

    /** Who chooses under other options: whoever chose among the same before knows what that one knew. */
    List<Chooser> under(ServiceOptions next, @Nullable Routing nextRouting) {
        Chooser all = choosers.get(0).under(next, picksAmongAll(nextRouting));
        List<Chooser> found = new ArrayList<>(List.of(all));
        for (SubsetState subset : nextRouting == null ? List.<SubsetState>of() : nextRouting.subsets()) {
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
     * What others would choose, which changes nothing.
     *
     * @param running what these have chosen
     */
    Choice[] plan(List<Chooser> next, @Nullable Routing nextRouting, Members members, Choice[] running, long nowNanos) {
        Choice[] made = previous(running, next);
        for (int i = 0; i < made.length; i++) {
            Chooser chooser = next.get(i);
            made[i] = chooser.plan(membersOf(chooser, nextRouting, members), made[i], nowNanos);
        }
        return made;
    }

    /** Others choose from now on, under other options. */
    void takeUp(ServiceOptions next, ServiceOptions before, ServiceSetup.Next.Instances instances, long nowNanos) {
        inFlight = instances.inFlight();
        cohorts = cohorts(next, instances.memory(), cohorts);
        cohorts.forEach(cohort -> cohort.change(next, before, instances.memory(), inFlight, nowNanos));
        choosers = instances.choosers();
        choosers.forEach(Chooser::putInForce);
        routing = instances.routing();
        if (routing != null) {
            routing.begin(nowNanos);
        }
    }

    /** Cohorts that are new have room for the seats that instances bring along; else these would be forgiven all at once. */
    void prepareSeats(Members members) {
        int[] places = {0};
        boolean[] replaceable = replaceable(members);
        forEachCohort(members, (cohort, peers) -> cohort.expect(peers.size(), replaceable[places[0]++]));
    }

    /** Instances learn what a plan means for them. Whether it has to be made again. */
    boolean settle(Members members, Choice[] planned, long nowNanos) {
        members.reviewAll();
        sort(members, nowNanos);
        boolean panic = planned[0].panic();
        if (routing == null) {
            panics = panic;
            members.forEachToReview(state -> state.gate().panic(panic));
        } else {
            panics = panicBySubset(routing, members, planned);
        }
        return isOutdated(planned, nowNanos);
    }

    /** Whether one of these choices has to be made again. Weighs the instances anew. */
    boolean isOutdated(Choice[] made, long nowNanos) {
        boolean isOutdated = false;
        for (int i = 0; i < made.length; i++) {
            isOutdated |= choosers.get(i).isOutdated(made[i], nowNanos);
        }
        return isOutdated;
    }

    /** Whether some instances are used in panic. */
    boolean panics() {
        return panics;
    }

    List<Cohort> cohorts() {
        return cohorts;
    }

    /** The peers of an instance, by the first subset it belongs to; -1 for none. */
    Cohort cohort(int subset) {
        return cohorts.get(subset < 0 ? cohorts.size() - 1 : subset);
    }

    /** Each cohort, with its members. */
    void forEachCohort(Members members, BiConsumer<Cohort, List<InstanceState>> action) {
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

    /** New choices among the members. */
    Choice[] choose(Members members, Choice[] previous, long nowNanos) {
        sort(members, nowNanos);
        Choice[] made = new Choice[choosers.size()];
        // Who chooses among all comes last: then what had to be reviewed has been.
        for (int i = made.length - 1; i >= 0; i--) {
            made[i] = choosers.get(i).choose(previous[i], nowNanos);
        }
        panics = routing == null ? made[0].panic() : panicBySubset(routing, members, made);
        return made;
    }

    /** Each chooser sorts its members, and each cohort shares its seats among the ejected. */
    private void sort(Members members, long nowNanos) {
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
        boolean someone = all || subsets != 0;
        // While nobody panics, as most of the time, no instance is touched.
        for (int i = 0; (someone || panics) && i < members.size(); i++) {
            members.state(i).gate().panic(all || members.isInAny(i, subsets));
        }
        return someone;
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
        boolean[] replaceable = replaceable(members);
        for (int i = 0; i <= last; i++) {
            cohorts.get(i).shareSeats(serving[i], replaceable[i], toReview.get(i), nowNanos);
        }
    }

    /** Of which cohorts all may be out: others answer for every call to any subset that one of their members is in. */
    private boolean[] replaceable(Members members) {
        boolean[] replaceable = new boolean[cohorts.size()];
        Routing rules = routing;
        if (rules == null) {
            return replaceable;
        }
        int lasts = 0;
        for (int i = 0; i < replaceable.length - 1; i++) {
            replaceable[i] = rules.isReplaceable(i);
        }
        for (SubsetState subset : rules.subsets()) {
            lasts |= subset.hasOthers() ? 0 : 1 << rules.bit(subset);
        }
        for (int i = 0; i < members.size(); i++) {
            if (members.isInAny(i, lasts)) {
                replaceable[members.firstSubset(i)] = false;
            }
        }
        return replaceable;
    }
}
