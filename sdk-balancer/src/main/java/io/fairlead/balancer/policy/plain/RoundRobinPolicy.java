// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

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
            return new Turns(Order.of(candidates, before.order), before.turn);
        }
        Turn turn = new Turn(environment.random().nextInt());
        return new Turns(Order.of(candidates, Order.nothing(environment.random().nextLong())), turn);
    }

    /**
     * Candidates by the hash of seed and id: who comes or goes does not change the order of the others.
     *
     * @param listed by id, as they came
     * @param keys sorted: a hash, and in the low bits the place in {@code listed}
     */
    private record Order(long seed, Candidate[] listed, long[] keys) {
        /** Room for a million instances. */
        private static final long INDEX = (1L << 20) - 1;

        static Order nothing(long seed) {
            return new Order(seed, new Candidate[0], new long[0]);
        }

        static Order of(List<Candidate> candidates, Order before) {
            Candidate[] listed = candidates.toArray(Candidate[]::new);
            int[] places = ListBefore.places(before.listed, candidates);
            int[] placesNow = new int[before.listed.length];
            Arrays.fill(placesNow, ListBefore.NOWHERE);
            long[] newcomers = new long[listed.length];
            int count = 0;
            for (int i = 0; i < listed.length; i++) {
                if (places[i] == ListBefore.NOWHERE) {
                    long hash = SplitMix.hash(listed[i].instance().id());
                    newcomers[count++] = SplitMix.mix(hash ^ before.seed) & ~INDEX | i;
                } else {
                    placesNow[places[i]] = i;
                }
            }
            if (count == 0 && listed.length == before.listed.length) {
                return before;
            }
            long[] sorted = Arrays.copyOf(newcomers, count);
            Arrays.sort(sorted);
            return new Order(before.seed, listed, merged(before.keys, placesNow, sorted, listed.length));
        }

        /** Of those before who are still there, and the newcomers; both are sorted. */
        private static long[] merged(long[] before, int[] placesNow, long[] newcomers, int size) {
            long[] keys = new long[size];
            int count = 0;
            int next = 0;
            for (long key : before) {
                int place = placesNow[(int) (key & INDEX)];
                if (place != ListBefore.NOWHERE) {
                    long moved = key & ~INDEX | place;
                    while (next < newcomers.length && newcomers[next] < moved) {
                        keys[count++] = newcomers[next++];
                    }
                    keys[count++] = moved;
                }
            }
            System.arraycopy(newcomers, next, keys, count, newcomers.length - next);
            return keys;
        }

        Candidate[] shuffled() {
            Candidate[] shuffled = new Candidate[keys.length];
            for (int i = 0; i < keys.length; i++) {
                shuffled[i] = listed[(int) (keys[i] & INDEX)];
            }
            return shuffled;
        }
    }

    private static final class Turns implements Picker {
        private final Order order;
        private final Candidate[] candidates;
        private final Turn turn;

        Turns(Order order, Turn turn) {
            this.order = order;
            this.candidates = order.shuffled();
            this.turn = turn;
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            int mine = turn.next();
            Candidate candidate = candidates[Integer.remainderUnsigned(mine, candidates.length)];
            if (candidate.accepts(context, nowNanos)) {
                return candidate;
            }
            int anywhere = SplitMix.below(candidates.length, SplitMix.at(order.seed(), mine));
            return Scan.from(anywhere, candidates, context, nowNanos);
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            int place = Scan.placeOf(candidate, candidates);
            int next = Integer.remainderUnsigned(turn.coming(), candidates.length);
            return PickFigure.of("turns before its own", Math.floorMod(place - next, candidates.length));
        }
    }
}
