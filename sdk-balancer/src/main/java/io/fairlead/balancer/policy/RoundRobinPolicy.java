// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * {@code round_robin}: each in turn, from a random place, going on from there when the list changes. One that can not
 * take the call is skipped by taking the next turn, so its share spreads over all and does not fall on its successor.
 * Ignores weights and load: use {@code weighted_round_robin} or {@code adaptive} when instances differ.
 */
public final class RoundRobinPolicy implements BalancingPolicy {
    /** For {@link java.util.ServiceLoader}. */
    public RoundRobinPolicy() {}

    @Override
    public String name() {
        return "round_robin";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        AtomicInteger turn = previous instanceof Turns before
                ? before.turn
                : new AtomicInteger(environment.random().nextInt());
        return new Turns(candidates.toArray(Candidate[]::new), turn);
    }

    private static final class Turns implements Picker {
        private final Candidate[] candidates;
        private final AtomicInteger turn;

        Turns(Candidate[] candidates, AtomicInteger turn) {
            this.candidates = candidates;
            this.turn = turn;
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            int size = candidates.length;
            int mine = turn.getAndIncrement();
            int start = Integer.remainderUnsigned(mine, size);
            if (candidates[start].accepts(context, nowNanos)) {
                return candidates[start];
            }
            // Anywhere but next door, or the successor would get a double share.
            int step = Integer.remainderUnsigned(scramble(mine), size);
            for (int i = 0; i < size; i++) {
                Candidate candidate = candidates[(step + i) % size];
                if (candidate.accepts(context, nowNanos)) {
                    return candidate;
                }
            }
            return null;
        }

        /** A bijection that mixes well (the finaliser of MurmurHash3, Appleby 2011). */
        private static int scramble(int bits) {
            int mixed = (bits ^ bits >>> 16) * 0x85EBCA6B;
            mixed = (mixed ^ mixed >>> 13) * 0xC2B2AE35;
            return mixed ^ mixed >>> 16;
        }
    }
}
