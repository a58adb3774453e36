// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Explanation.InstanceExplanation;
import io.fairlead.balancer.Explanation.WeightFactors;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.service.Explainer.Eligibility.Chance;
import io.fairlead.balancer.service.Explainer.Eligibility.Group;
import io.fairlead.balancer.service.Gate.Objection;
import io.fairlead.spi.PickFigure;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says of each member what {@link Choice} does with it. {@link Eligibility} gives each instance a {@link Eligibility.Chance};
 * eligible are the instances with the best chance that any of them has, and ejected ones that wait for a probe. Make a new
 * explainer for each question, on any thread.
 */
final class Explainer {
    private final Choice choice;
    private final SubsetState subset;
    private final Eligibility eligibility;
    private final ZonePreference zones;
    private final PickContext context;
    private final long nowNanos;

    /**
     * Explains a choice.
     *
     * @param subset what it was made of
     */
    Explainer(Choice choice, SubsetState subset, ZonePreference zones, PickContext context, long nowNanos) {
        this.choice = choice;
        this.subset = subset;
        this.eligibility = new Eligibility(choice, subset, context, nowNanos);
        this.zones = zones;
        this.context = context;
        this.nowNanos = nowNanos;
    }

    /**
     * Explains.
     *
     * @param routes what rules say of the call
     * @param othersAnswer whether instances of another subset take the call, so that here only a probe may be sent
     * @param most longest list of instances to give; the numbers are of all
     */
    Explanation explain(
            String service,
            String policy,
            List<String> routes,
            boolean othersAnswer,
            List<InstanceState> members,
            int most) {
        Chance first = firstChance(members);
        int usable = 0;
        List<InstanceExplanation> lines = new ArrayList<>();
        for (InstanceState state : members) {
            Chance chance = eligibility.of(state);
            boolean eligible = chance == Chance.PROBE || !othersAnswer && chance == first && chance != Chance.NEVER;
            usable += eligible ? 1 : 0;
            if (lines.size() < most) {
                lines.add(line(state, chance, eligible));
            }
        }
        return new Explanation(service, policy, choice.panic(), members.size(), usable, routes, lines);
    }

    /** Whether somebody is picked, before it comes to those who are better than no instance. */
    boolean isPicked(List<InstanceState> members) {
        return members.stream()
                .map(eligibility::of)
                .anyMatch(chance -> chance == Chance.NOW || chance == Chance.SPARE || chance == Chance.PROBE);
    }

    private Chance firstChance(List<InstanceState> members) {
        Chance first = Chance.NEVER;
        for (InstanceState state : members) {
            Chance chance = eligibility.of(state);
            first = chance != Chance.PROBE && chance.compareTo(first) < 0 ? chance : first;
        }
        return first;
    }

    private InstanceExplanation line(InstanceState state, Chance chance, boolean eligible) {
        Weighted weighted = subset.seen(state);
        InstanceView view = state.view(nowNanos);
        Group group = eligibility.group(state);
        int index = zones.tierOf(state.instance());
        Choice.Tier tier = choice.tier(index);
        String reason = eligible ? "can be picked" + because(chance, state, view) : why(chance, state, view, group);
        PickFigure figure = tier != null && group == Group.CHOSEN
                ? tier.picker().figure(weighted, context, nowNanos)
                : PickFigure.none("no policy chooses it: " + reason);
        return new InstanceExplanation(
                view,
                eligible,
                reason,
                zones.name(index),
                tier == null ? 0 : tier.percent() / 100.0,
                new WeightFactors(
                        weighted.weight(),
                        view.instance().weight(),
                        weighted.slowStart(),
                        weighted.health(),
                        state.healthLevel().now(),
                        weighted.portionShare()),
                figure);
    }

    private String because(Chance chance, InstanceState state, InstanceView view) {
        return switch (chance) {
            case PROBE -> ": ejected, and waits for a call that finds out whether it is well";
            case SPARE -> ": nobody in a preferred zone takes it";
            case OVERRULED, EJECTED -> ", as every guard objects: " + objection(state, view);
            case LAST_RESORT ->
                ", as nobody else is left: "
                        + view.instance().status().toString().toLowerCase(Locale.ROOT) + " in the registry";
            default -> choice.panic() ? ": panic, all are used" : "";
        };
    }

    private String why(Chance chance, InstanceState state, InstanceView view, Group group) {
        if (context.excludes(view.instance())) {
            return "tried before by this call";
        }
        return switch (chance) {
            case NEVER ->
                switch (group) {
                    case OTHER_SUBSET -> "outside the subset (" + subset + ")";
                    case DRAINING -> "draining in the registry";
                    default -> "at its concurrency limit, with " + view.inFlight() + " in flight";
                };
            case SPARE ->
                "excluded by zone: is in "
                        + (view.instance().zone() == null
                                ? "none"
                                : view.instance().zone())
                        + ", and a preferred one takes every call";
            case LAST_RESORT ->
                group == Group.OUTSIDE_PORTION ? "outside the portion this process calls" : "critical in the registry";
            default -> objection(state, view);
        };
    }

    private String objection(InstanceState state, InstanceView view) {
        return state.gate().objection(context, nowNanos) == Objection.ASKED
                ? String.format(
                        Locale.ROOT,
                        "asked by Retry-After to be left alone for %.1f s more",
                        state.listing().nanosAsked(nowNanos) / 1e9)
                : guard(view);
    }

    private static String guard(InstanceView view) {
        String reason = view.guardReason().isEmpty() ? view.health().describe() : view.guardReason();
        return "guard " + view.guardState()
                + (view.nanosToProbe() > 0
                        ? String.format(Locale.ROOT, ", next probe in %.1f s", view.nanosToProbe() / 1e9)
                        : "")
                + " (" + reason + ")";
    }

    /** What a {@link Choice} does with each instance, for one call at one moment. Not thread-safe. */
    static final class Eligibility {
        private final SubsetState subset;
        private final PickContext context;
        private final long nowNanos;
        private final Map<InstanceState, Choice.Tier> tiers = new IdentityHashMap<>();
        private final Map<InstanceState, Group> ejected = new IdentityHashMap<>();

        /** Why an instance is, or is not, among those a picker chooses from. */
        enum Group {
            /** A picker chooses among it and others. */
            CHOSEN,
            /** On its way out by its own wish. */
            DRAINING,
            /** Out by our own decision, waiting for probes. */
            EJECTED,
            /** A check of the registry fails. */
            CRITICAL,
            /** This process calls a portion of the instances, to which it does not belong. */
            OUTSIDE_PORTION,
            /** Rules send the call to a subset to which it does not belong. */
            OTHER_SUBSET
        }

        /** How soon an instance is picked: whoever comes first of all takes the call. */
        enum Chance {
            /** Ejected, and a first attempt may find out whether it is well again. */
            PROBE,
            /** It accepts the call, and its tier has a share of them. */
            NOW,
            /** It accepts the call, but its tier has none while others take it. */
            SPARE,
            /** Its guard objects, and is overruled when every guard does. */
            OVERRULED,
            /** Ejected: better than one the registry says is critical. */
            EJECTED,
            /** Critical or outside the portion: better than no instance. */
            LAST_RESORT,
            /** Tried before, at its concurrency limit, or draining while others serve. */
            NEVER
        }

        Eligibility(Choice choice, SubsetState subset, PickContext context, long nowNanos) {
            this.subset = subset;
            this.context = context;
            this.nowNanos = nowNanos;
            for (Choice.Tier tier : choice.tiers()) {
                for (InstanceState state : tier.instances()) {
                    tiers.put(state, tier);
                }
            }
            for (InstanceState state : choice.ejected()) {
                ejected.put(state, Group.EJECTED);
            }
        }

        /** The tier whose picker chooses among it and others, or null. */
        Choice.@Nullable Tier tier(InstanceState state) {
            return tiers.get(state);
        }

        Group group(InstanceState state) {
            if (tiers.containsKey(state)) {
                return Group.CHOSEN;
            }
            if (!subset.has(state.instance())) {
                return Group.OTHER_SUBSET;
            }
            InstanceStatus status = state.instance().status();
            if (status == InstanceStatus.DRAINING) {
                return Group.DRAINING;
            }
            return ejected.getOrDefault(state, status.isUsable() ? Group.OUTSIDE_PORTION : Group.CRITICAL);
        }

        Chance of(InstanceState state) {
            Objection objection = state.gate().objection(context, nowNanos);
            if (objection == Objection.TRIED || objection == Objection.FULL) {
                return Chance.NEVER;
            }
            Choice.Tier tier = tiers.get(state);
            return switch (group(state)) {
                case DRAINING, OTHER_SUBSET -> Chance.NEVER;
                case CRITICAL, OUTSIDE_PORTION -> Chance.LAST_RESORT;
                case EJECTED -> state.isProbeDue(context, nowNanos) ? Chance.PROBE : Chance.EJECTED;
                case CHOSEN ->
                    objection != null
                            ? Chance.OVERRULED
                            : tier != null && tier.percent() > 0 ? Chance.NOW : Chance.SPARE;
            };
        }
    }
}
