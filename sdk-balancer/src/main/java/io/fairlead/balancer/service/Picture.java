// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.DryRun;
import io.fairlead.balancer.Explanation;
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
            return explain(service, 0, List.of(), context, most, nowNanos);
        }
        List<String> rules = routing.table().explain(context, nowNanos);
        Chain chain = routing.peek(context, new SplittableRandom(0), nowNanos);
        for (int place = 0; place < chain.length(); place++) {
            if (explainer(chain.choice(place), context, nowNanos).isPicked(members.list())) {
                return explain(service, chain.choice(place), rules, context, most, nowNanos);
            }
        }
        return explain(service, chain.choice(0), rules, context, most, nowNanos);
    }

    private Explanation explain(
            String service, int number, List<String> rules, PickContext context, int most, long nowNanos) {
        return explainer(number, context, nowNanos)
                .explain(service, subset(number).policy().name(), rules, members.list(), most);
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
