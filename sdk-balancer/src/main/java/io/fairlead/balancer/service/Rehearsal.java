// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.DryRun;
import io.fairlead.spi.BalancingPolicy;
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

    private final Choice choice;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final long nowNanos;

    Rehearsal(Choice live, BalancingPolicy policy, Environment environment, long nowNanos) {
        Environment aside = new Environment(
                environment.ticker(), environment.scheduler(), environment.executor(), random, environment.listener());
        this.choice = live.over(tier -> {
            List<Candidate> understudies = Arrays.stream(tier.instances())
                    .<Candidate>map(Understudy::new)
                    .toList();
            return policy.newPicker(understudies, null, aside);
        });
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
        Candidate picked = choice.pick(context, nowNanos, random);
        return picked instanceof Understudy understudy
                ? understudy.state
                : choice.lastResort(context, random.nextInt());
    }

    /** Stands in for an instance: shows what it shows, with what is in flight now. */
    private static final class Understudy implements Candidate {
        private final InstanceState state;
        private final int inFlight;

        Understudy(InstanceState state) {
            this.state = state;
            this.inFlight = state.inFlight();
        }

        @Override
        public ServiceInstance instance() {
            return state.instance();
        }

        @Override
        public double weight() {
            return state.weight();
        }

        @Override
        public double slowStart() {
            return state.slowStart();
        }

        @Override
        public int inFlight() {
            return inFlight;
        }

        @Override
        public long latencyNanos(long nowNanos) {
            return state.latencyNanos(nowNanos);
        }

        @Override
        public double latencyVariance(long nowNanos) {
            return state.latencyVariance(nowNanos);
        }

        @Override
        public long silentNanos(long nowNanos) {
            return state.silentNanos(nowNanos);
        }

        @Override
        public boolean lastSucceeded() {
            return state.lastSucceeded();
        }

        @Override
        public double successRatio(long nowNanos) {
            return state.successRatio(nowNanos);
        }

        @Override
        public long oldestNanos(long nowNanos) {
            return state.oldestNanos(nowNanos);
        }

        @Override
        public long serviceInFlight() {
            return state.serviceInFlight();
        }

        @Override
        public int reportedInFlight(long nowNanos) {
            return state.reportedInFlight(nowNanos);
        }

        @Override
        public double reportedUtilization(long nowNanos) {
            return state.reportedUtilization(nowNanos);
        }

        @Override
        public boolean accepts(PickContext context, long nowNanos) {
            return state.accepts(context, nowNanos);
        }
    }
}
