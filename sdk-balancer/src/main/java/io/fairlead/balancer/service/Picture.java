// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.DryRun;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Explanation.InstanceExplanation;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ServiceStatus.RoutesView;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.Environment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What people are shown of a service: its members and the choices made of them, which belong together. Answers what they ask,
 * changes nothing. For any thread.
 *
 * @param choices of all, then of each subset that calls are sent to; not to be written to
 */
record Picture(
        Members members,
        Choice[] choices,
        ServiceOptions options,
        @Nullable Routing routing) {

    List<InstanceView> instances(long nowNanos) {
        List<InstanceView> views = new ArrayList<>();
        members.list().forEach(state -> views.add(state.view(nowNanos)));
        return views;
    }

    /** What the routes do now; null when there are none. */
    @Nullable
    RoutesView routes(long nowNanos) {
        return routing == null ? null : routing.view(choices, members, nowNanos);
    }

    /** What the {@code number}-th choice was made of. */
    private SubsetState subset(int number) {
        return number == 0 || routing == null
                ? SubsetState.ofAll(options.policy())
                : routing.subsets().get(number - 1);
    }

    /** A subset of the routes by its name; none for all instances. */
    private Optional<Subset> named(String name) {
        return Optional.ofNullable(options.routes().subsets().get(name));
    }

    /**
     * Why each of the first {@code most} instances can take a call, or can not. Where rules send it: in the first of its subsets
     * in which one can, and in the one it is assigned to when nobody can.
     */
    Explanation explain(String service, PickContext context, int most, long nowNanos) {
        if (routing == null) {
            return explain(service, 0, List.of(), false, context, most, nowNanos);
        }
        List<String> rules = routing.table().explain(context, nowNanos);
        Chain chain = routing.peek(context, new SplittableRandom(0), nowNanos);
        List<Explanation> searched = new ArrayList<>();
        for (int place = 0; place < chain.length(); place++) {
            boolean isPicked = explainer(chain.choice(place), context, nowNanos).isPicked(members.list());
            searched.add(explain(service, chain.choice(place), rules, !isPicked, context, most, nowNanos));
            if (isPicked) {
                return afterThose(searched, chain);
            }
            rules = with(rules, "nobody is usable in '" + chain.names().get(place) + "'");
        }
        return explain(service, chain.choice(0), rules, false, context, most, nowNanos);
    }

    /** What the last of those that were searched says, and of instances outside it what the first one says that has them. */
    private Explanation afterThose(List<Explanation> searched, Chain chain) {
        Explanation found = searched.get(searched.size() - 1);
        List<InstanceExplanation> lines = new ArrayList<>(found.instances());
        for (int i = 0; i < lines.size(); i++) {
            ServiceInstance instance = lines.get(i).view().instance();
            int place = 0;
            while (place < searched.size() - 1 && !subset(chain.choice(place)).has(instance)) {
                place++;
            }
            boolean isOutside = !subset(chain.choice(searched.size() - 1)).has(instance);
            lines.set(i, isOutside ? searched.get(place).instances().get(i) : lines.get(i));
        }
        return new Explanation(
                found.service(), found.policy(), found.panic(), found.known(), found.usable(), found.routes(), lines);
    }

    private static List<String> with(List<String> rules, String line) {
        List<String> more = new ArrayList<>(rules);
        more.add(line);
        return more;
    }

    private Explanation explain(
            String service,
            int number,
            List<String> rules,
            boolean othersAnswer,
            PickContext context,
            int most,
            long nowNanos) {
        return explainer(number, context, nowNanos)
                .explain(service, subset(number).policy().name(), rules, othersAnswer, members.list(), most);
    }

    private Explainer explainer(int number, PickContext context, long nowNanos) {
        return new Explainer(choices[number], subset(number), options.zones(), context, nowNanos);
    }

    /** Where calls would go, with nobody noticing. */
    DryRun rehearse(
            String service, IntFunction<PickContext> contexts, int picks, Environment environment, long nowNanos) {
        return new Rehearsal(choices, this::subset, routing, environment, nowNanos)
                .run(service, members.list(), contexts, picks);
    }

    /** Whether nobody is known who fits one of the subsets that may answer a call. */
    boolean isEmpty(Chain chain) {
        return members.list().stream()
                .noneMatch(state -> chain.names().stream()
                        .anyMatch(name -> named(name)
                                .map(subset -> subset.matches(state.instance()))
                                .orElse(true)));
    }

    /** The subsets that may answer a call, with what they ask for. */
    List<String> described(Chain chain) {
        return chain.names().stream()
                .map(name -> named(name)
                        .map(subset -> "'" + name + "' (" + subset + ")")
                        .orElse("all"))
                .toList();
    }

    /** How many instances each other subset has, by name in order of the routes; those that have some. */
    Map<String, Integer> sizesOfOthers(Chain chain) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        options.routes().subsets().forEach((name, subset) -> {
            int size = (int) members.list().stream()
                    .filter(state -> subset.matches(state.instance()))
                    .count();
            if (size > 0 && !chain.names().contains(name)) {
                sizes.put(name, size);
            }
        });
        return sizes;
    }
}
