// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import io.fairlead.spi.WeightUse;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code round_robin}: each in turn, in an order and from a place of this client's own, so that clients do not march in
 * step, going on from there when the list changes. One that can not take the call is replaced by another at random, so its
 * share spreads over all and does not fall on its successor. Threads share one counter, so the order is strict.
 *
 * <p>Ignores weights and load: use {@code weighted_round_robin} or {@code adaptive} when instances differ.
 */
public final class RoundRobinPolicy implements BalancingPolicy {
    /** For {@link java.util.ServiceLoader}. */
    public RoundRobinPolicy() {}

    @Override
    public String name() {
        return "round_robin";
    }

    @Override
    public WeightUse weightUse() {
        return WeightUse.IGNORED;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        if (previous instanceof Turns before) {
            return new Turns(candidates, before.turn, before.seed);
        }
        return new Turns(
                candidates,
                new Turn(environment.random().nextInt()),
                environment.random().nextLong());
    }

    private static final class Turns implements Picker {
        /** Room for a million instances in the low bits of a sort key. */
        private static final long INDEX = (1L << 20) - 1;

        private final Candidate[] candidates;
        private final Turn turn;
        private final long seed;

        Turns(List<Candidate> candidates, Turn turn, long seed) {
            this.candidates = shuffled(candidates, seed);
            this.turn = turn;
            this.seed = seed;
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            int mine = turn.next();
            Candidate candidate = candidates[Integer.remainderUnsigned(mine, candidates.length)];
            if (candidate.accepts(context, nowNanos)) {
                return candidate;
            }
            int anywhere = SplitMix.below(candidates.length, SplitMix.at(seed, mine));
            return Scan.from(anywhere, candidates, context, nowNanos);
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            int place = Scan.placeOf(candidate, candidates);
            int next = Integer.remainderUnsigned(turn.coming(), candidates.length);
            return PickFigure.of("turns before its own", Math.floorMod(place - next, candidates.length));
        }

        /** By the hash of seed and id: who comes or goes does not change the order of the others. */
        private static Candidate[] shuffled(List<Candidate> candidates, long seed) {
            long[] keys = new long[candidates.size()];
            for (int i = 0; i < keys.length; i++) {
                long hash = SplitMix.hash(candidates.get(i).instance().id());
                keys[i] = SplitMix.mix(hash ^ seed) & ~INDEX | i;
            }
            Arrays.sort(keys);
            Candidate[] order = new Candidate[keys.length];
            for (int i = 0; i < keys.length; i++) {
                order[i] = candidates.get((int) (keys[i] & INDEX));
            }
            return order;
        }
    }
}
