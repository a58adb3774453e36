// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * {@code weighted_round_robin}: nginx's smooth sequence (2012): each pick credits every instance with its weight, the
 * richest is taken and pays the sum, so that {5, 1, 1} gives {@code a a b a c a a}. Credits are carried over list
 * changes. A pick costs time in proportion to the list and takes a lock: for lists up to some hundreds.
 */
public final class WeightedRoundRobinPolicy implements BalancingPolicy {
    /** For {@link java.util.ServiceLoader}. */
    public WeightedRoundRobinPolicy() {}

    @Override
    public String name() {
        return "weighted_round_robin";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return new Smooth(candidates, previous instanceof Smooth before ? before.credits() : Map.of());
    }

    private static final class Smooth implements Picker {
        private final Candidate[] candidates;
        private final double[] weights;
        private final ReentrantLock lock = new ReentrantLock();
        private final double[] credits; // guarded by lock

        Smooth(List<Candidate> candidates, Map<Candidate, Double> carried) {
            this.candidates = candidates.toArray(Candidate[]::new);
            this.weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
            this.credits = candidates.stream()
                    .mapToDouble(candidate -> carried.getOrDefault(candidate, 0.0))
                    .toArray();
        }

        Map<Candidate, Double> credits() {
            Map<Candidate, Double> carried = new HashMap<>();
            lock.lock();
            try {
                for (int i = 0; i < candidates.length; i++) {
                    carried.put(candidates[i], credits[i]);
                }
            } finally {
                lock.unlock();
            }
            return carried;
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            lock.lock();
            try {
                int best = -1;
                double sum = 0;
                for (int i = 0; i < candidates.length; i++) {
                    if (candidates[i].accepts(context, nowNanos)) {
                        credits[i] += weights[i];
                        sum += weights[i];
                        best = best < 0 || credits[i] > credits[best] ? i : best;
                    }
                }
                if (best < 0) {
                    return null;
                }
                credits[best] -= sum;
                return candidates[best];
            } finally {
                lock.unlock();
            }
        }
    }
}
