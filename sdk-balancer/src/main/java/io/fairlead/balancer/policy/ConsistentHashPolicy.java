// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code consistent_hash}: equal keys ({@link PickContext#hashKey}) go to the same instance, and a change of the list
 * moves only the keys it must (Karger et al. 1997, on a ring of 160 points for each unit of relative weight). No instance
 * takes more than 1.25 times its fair share of what is in flight; beyond that a key goes to the next on the ring
 * (Mirrokni, Thorup, Zadimoghaddam 2018). Without a key it picks at random by weight. Not for few, hot keys.
 */
public final class ConsistentHashPolicy implements BalancingPolicy {
    private static final int POINTS = 160;
    private static final int MOST_POINTS = 1 << 20;
    private static final double BOUND = 1.25;

    /** For {@link java.util.ServiceLoader}. */
    public ConsistentHashPolicy() {}

    @Override
    public String name() {
        return "consistent_hash";
    }

    @Override
    public boolean isKeyed() {
        return true;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return new Ring(candidates, new RandomPolicy.Weighted(candidates, environment.random()));
    }

    private static final class Ring implements Picker {
        private final Candidate[] candidates;
        private final Picker withoutKey;
        private final double weightSum;
        private final long[] points;
        private final int[] owners;

        Ring(List<Candidate> candidates, Picker withoutKey) {
            this.candidates = candidates.toArray(Candidate[]::new);
            this.withoutKey = withoutKey;
            this.weightSum = candidates.stream().mapToDouble(Candidate::weight).sum();
            // The registry's weight, not the effective one: slow start must not move keys back and forth.
            int[] counts = counts(candidates);
            int total = Arrays.stream(counts).sum();
            long[][] sorted = new long[total][];
            int next = 0;
            for (int owner = 0; owner < counts.length; owner++) {
                ServiceInstance instance = candidates.get(owner).instance();
                long seed = hash(instance.id() + " " + instance.authority());
                for (int i = 0; i < counts[owner]; i++) {
                    sorted[next++] = new long[] {mix(seed + i * 0x9E3779B97F4A7C15L), owner};
                }
            }
            Arrays.sort(sorted, (a, b) -> Long.compare(a[0], b[0]));
            points = Arrays.stream(sorted).mapToLong(point -> point[0]).toArray();
            owners = Arrays.stream(sorted).mapToInt(point -> (int) point[1]).toArray();
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            String key = context.hashKey();
            if (key == null) {
                return withoutKey.pick(context, nowNanos);
            }
            int found = Arrays.binarySearch(points, mix(hash(key)));
            int start = found >= 0 ? found : -found - 1;
            double allowedPerWeight = allowedPerWeight();
            Candidate overloaded = null;
            for (int i = 0; i < points.length; i++) {
                Candidate candidate = candidates[owners[(start + i) % points.length]];
                if (candidate.accepts(context, nowNanos)) {
                    if (candidate.inFlight() < Math.ceil(allowedPerWeight * candidate.weight())) {
                        return candidate;
                    }
                    overloaded = overloaded == null ? candidate : overloaded;
                }
            }
            return overloaded;
        }

        /** In-flight attempts a unit of weight may have, this one included. */
        private double allowedPerWeight() {
            long inFlight = 1;
            for (Candidate candidate : candidates) {
                inFlight += candidate.inFlight();
            }
            return BOUND * inFlight / weightSum;
        }

        private static int[] counts(List<Candidate> candidates) {
            int least = candidates.stream()
                    .mapToInt(candidate -> candidate.instance().weight())
                    .min()
                    .orElse(1);
            long units = candidates.stream()
                    .mapToLong(candidate -> candidate.instance().weight())
                    .sum();
            double perWeight = Math.min((double) POINTS / least, (double) MOST_POINTS / units);
            return candidates.stream()
                    .mapToInt(candidate ->
                            Math.max(1, (int) Math.round(candidate.instance().weight() * perWeight)))
                    .toArray();
        }

        /** FNV-1a, 64 bits, over UTF-16 code units. */
        private static long hash(String text) {
            long hash = 0xCBF29CE484222325L;
            for (int i = 0; i < text.length(); i++) {
                hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
            }
            return hash;
        }

        /** SplitMix64's finaliser. */
        private static long mix(long bits) {
            long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
            return mixed ^ mixed >>> 31;
        }
    }
}
