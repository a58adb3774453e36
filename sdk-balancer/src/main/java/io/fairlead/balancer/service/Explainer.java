// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Explanation.InstanceExplanation;
import io.fairlead.balancer.Explanation.WeightFactors;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.service.Chances.Chance;
import io.fairlead.balancer.service.Chances.Place;
import io.fairlead.spi.PickFigure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Says of each member what {@link Choice} does with it. Whether an instance is eligible is {@link Chances}' word:
 * those of the first rank that anybody has, and ejected ones that wait for a probe. For any thread, each time a new one.
 */
final class Explainer {
    private final Choice choice;
    private final Chances chances;
    private final ZonePreference zones;
    private final PickContext context;
    private final long nowNanos;

    Explainer(Choice choice, ZonePreference zones, PickContext context, long nowNanos) {
        this.choice = choice;
        this.chances = new Chances(choice, context, nowNanos);
        this.zones = zones;
        this.context = context;
        this.nowNanos = nowNanos;
    }

    /**
     * Explains.
     *
     * @param most longest list of instances to give; the numbers are of all
     */
    Explanation explain(String service, String policy, List<InstanceState> members, int most) {
        Chance first = firstChance(members);
        int usable = 0;
        List<InstanceExplanation> lines = new ArrayList<>();
        for (InstanceState state : members) {
            Chance chance = chances.of(state);
            boolean eligible = chance == Chance.PROBE || chance == first && chance != Chance.NEVER;
            usable += eligible ? 1 : 0;
            if (lines.size() < most) {
                lines.add(line(state, chance, eligible));
            }
        }
        return new Explanation(service, policy, choice.panic(), members.size(), usable, lines);
    }

    private Chance firstChance(List<InstanceState> members) {
        Chance first = Chance.NEVER;
        for (InstanceState state : members) {
            Chance chance = chances.of(state);
            first = chance != Chance.PROBE && chance.compareTo(first) < 0 ? chance : first;
        }
        return first;
    }

    private InstanceExplanation line(InstanceState state, Chance chance, boolean eligible) {
        Standing standing = state.standing();
        InstanceView view = state.view(nowNanos);
        Place place = chances.place(state);
        int index = zones.tierOf(state.instance());
        Tier tier = choice.tier(index);
        String reason = eligible ? "can be picked" + because(chance, state, view) : why(chance, state, view, place);
        PickFigure figure = tier != null && place == Place.CHOSEN
                ? tier.picker().figure(state, context, nowNanos)
                : PickFigure.none("no policy chooses it: " + reason);
        return new InstanceExplanation(
                view,
                eligible,
                reason,
                zones.name(index),
                tier == null ? 0 : tier.percent() / 100.0,
                new WeightFactors(
                        view.effectiveWeight(),
                        view.instance().weight(),
                        state.slowStart(),
                        standing.health(),
                        state.level().level(),
                        standing.share()),
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

    private String why(Chance chance, InstanceState state, InstanceView view, Place place) {
        if (context.excludes(view.instance())) {
            return "tried before by this call";
        }
        return switch (chance) {
            case NEVER ->
                place == Place.DRAINING
                        ? "draining in the registry"
                        : "at its concurrency limit, with " + view.inFlight() + " in flight";
            case SPARE ->
                "excluded by zone: is in "
                        + (view.instance().zone() == null
                                ? "none"
                                : view.instance().zone())
                        + ", and a preferred one takes every call";
            case LAST_RESORT ->
                place == Place.OUTSIDE_SUBSET ? "outside the subset this process calls" : "critical in the registry";
            default -> objection(state, view);
        };
    }

    private String objection(InstanceState state, InstanceView view) {
        return state.refusal(context, nowNanos) == Refusal.ASKED
                ? String.format(
                        Locale.ROOT,
                        "asked by Retry-After to be left alone for %.1f s more",
                        state.nanosAsked(nowNanos) / 1e9)
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
}
