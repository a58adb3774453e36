// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.DryRun;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Picks as a service would, from pickers of its own, so that no live turn, credit, counter or random number is used up.
 * In-flight and averages stay what they are at the start. For any thread, each time a new one.
 */
final class Rehearsal {
    private static final long SEED = 0x5EED;

    private final Choice[] choices;
    private final @Nullable Routing routing;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final long nowNanos;

    /**
     * Of a service as it stands.
     *
     * @param live its choices
     * @param subsets what each was made of
     * @param routing which of them a call goes to; null for the first always
     */
    Rehearsal(
            Choice[] live,
            IntFunction<SubsetState> subsets,
            @Nullable Routing routing,
            Environment environment,
            long nowNanos) {
        Environment aside = new Environment(
                environment.ticker(), environment.scheduler(), environment.executor(), random, environment.listener());
        this.choices = new Choice[live.length];
        for (int i = 0; i < live.length; i++) {
            SubsetState subset = subsets.apply(i);
            this.choices[i] = live[i].over(tier -> {
                List<Candidate> understudies = Arrays.stream(tier.instances())
                        .<Candidate>map(state -> new Understudy(state, subset.seen(state)))
                        .toList();
                return subset.policy().newPicker(understudies, null, aside);
            });
        }
        this.routing = routing;
        this.nowNanos = nowNanos;
    }

    DryRun run(String service, List<InstanceState> members, IntFunction<PickContext> contexts, int picks) {
        Map<InstanceState, Integer> counts = new HashMap<>();
        for (int call = 0; call < picks; call++) {
            InstanceState picked = pick(contexts.apply(call));
            if (picked != null) {
                counts.merge(picked, 1, Integer::sum);
            }
        }
        List<DryRun.Share> shares = new ArrayList<>();
        for (InstanceState state : members) {
            int count = counts.getOrDefault(state, 0);
            shares.add(new DryRun.Share(state.instance(), count, (double) count / picks));
        }
        return new DryRun(service, picks, shares);
    }

    private @Nullable InstanceState pick(PickContext context) {
        if (routing == null) {
            InstanceState picked = pick(choices[0], context);
            return picked != null ? picked : choices[0].lastResort(context, random.nextInt());
        }
        Chain chain = routing.peek(context, random, nowNanos);
        for (int place = 0; place < chain.length(); place++) {
            InstanceState picked = pick(choices[chain.choice(place)], context);
            if (picked != null) {
                return picked;
            }
        }
        return choices[chain.choice(0)].lastResort(context, random.nextInt());
    }

    private @Nullable InstanceState pick(Choice choice, PickContext context) {
        return choice.pick(context, nowNanos, random) instanceof Understudy understudy ? understudy.state : null;
    }

    /** Stands in for an instance: shows what it shows, with what is in flight now. */
    private static final class Understudy implements Candidate {
        private final InstanceState state;
        private final Candidate live;
        private final int inFlight;

        Understudy(InstanceState state, Candidate live) {
            this.state = state;
            this.live = live;
            this.inFlight = live.inFlight();
        }

        @Override
        public ServiceInstance instance() {
            return live.instance();
        }

        @Override
        public double weight() {
            return live.weight();
        }

        @Override
        public double slowStart() {
            return live.slowStart();
        }

        @Override
        public int inFlight() {
            return inFlight;
        }

        @Override
        public long latencyNanos(long nowNanos) {
            return live.latencyNanos(nowNanos);
        }

        @Override
        public double latencyVariance(long nowNanos) {
            return live.latencyVariance(nowNanos);
        }

        @Override
        public long silentNanos(long nowNanos) {
            return live.silentNanos(nowNanos);
        }

        @Override
        public boolean lastSucceeded() {
            return live.lastSucceeded();
        }

        @Override
        public double successRatio(long nowNanos) {
            return live.successRatio(nowNanos);
        }

        @Override
        public long oldestNanos(long nowNanos) {
            return live.oldestNanos(nowNanos);
        }

        @Override
        public long serviceInFlight() {
            return live.serviceInFlight();
        }

        @Override
        public int reportedInFlight(long nowNanos) {
            return live.reportedInFlight(nowNanos);
        }

        @Override
        public double reportedUtilization(long nowNanos) {
            return live.reportedUtilization(nowNanos);
        }

        @Override
        public boolean accepts(PickContext context, long nowNanos) {
            return live.accepts(context, nowNanos);
        }
    }
}
