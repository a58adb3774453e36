// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.plain.RandomPolicy;
import io.fairlead.balancer.policy.plain.SplitMix;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Picks the owner of a call's key, or whoever comes next on its way and has room: nobody takes more than {@code factor}
 * times its fair share of what is in flight, this attempt included and rounded up (Mirrokni, Thorup, Zadimoghaddam 2018).
 * Those that refuse keep their keys for their return. Calls without a key go anywhere, by weight. When nobody has room,
 * because those who had refuse, the least loaded is picked. Threads that pick at the same moment do not see each other's
 * attempt yet, so that many may exceed the bound by as many as they are.
 */
final class KeyedPicker implements Picker {
    /** Steps from slot to slot before everyone is looked at. */
    private static final int STEPS = 64;

    private final Candidate[] candidates;
    private final Placement placement;
    private final StickyKey key;
    private final LoadBound bound;
    private final RandomPolicy.Weighted withoutKey;

    KeyedPicker(List<Candidate> candidates, Placement placement, StickyKey key, double factor, RandomGenerator random) {
        this.candidates = candidates.toArray(Candidate[]::new);
        this.placement = placement;
        this.key = key;
        this.withoutKey = new RandomPolicy.Weighted(candidates, random);
        this.bound = LoadBound.of(
                factor, candidates.stream().mapToDouble(Candidate::weight).toArray());
    }

    /** In order of id, not to be written to. */
    Candidate[] candidates() {
        return candidates;
    }

    Placement placement() {
        return placement;
    }

    @Override
    public @Nullable Candidate pick(PickContext context, long nowNanos) {
        String text = key.of(context);
        if (text == null) {
            return withoutKey.pick(context, nowNanos);
        }
        long hash = SplitMix.hash(text);
        long all = inFlight();
        int slot = placement.slot(hash);
        for (int step = 0; step < STEPS; step++) {
            Candidate candidate = candidates[placement.owner(slot)];
            if (hasRoom(candidate, all) && candidate.accepts(context, nowNanos)) {
                return candidate;
            }
            slot = placement.next(slot, hash);
        }
        return search(placement.owner(slot), all, context, nowNanos);
    }

    @Override
    public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
        String text = key.of(context);
        if (text == null) {
            return withoutKey.figure(candidate, context, nowNanos);
        }
        long hash = SplitMix.hash(text);
        int slot = placement.slot(hash);
        for (int step = 0; step < STEPS; step++) {
            if (candidates[placement.owner(slot)] == candidate) {
                return PickFigure.of("steps from the key", step);
            }
            slot = placement.next(slot, hash);
        }
        return PickFigure.none("more than " + STEPS + " steps from the key");
    }

    private long inFlight() {
        long inFlight = candidates[0].serviceInFlight();
        if (inFlight < 0) {
            inFlight = 0;
            for (Candidate candidate : candidates) {
                inFlight += candidate.inFlight();
            }
        }
        return inFlight;
    }

    private boolean hasRoom(Candidate candidate, long all) {
        return bound.hasRoom(candidate.inFlight(), candidate.weight(), all);
    }

    private @Nullable Candidate search(int start, long all, PickContext context, long nowNanos) {
        Candidate leastLoaded = null;
        double least = 0;
        for (int i = 0; i < candidates.length; i++) {
            Candidate candidate = candidates[(start + i) % candidates.length];
            if (!candidate.accepts(context, nowNanos)) {
                continue;
            }
            if (hasRoom(candidate, all)) {
                return candidate;
            }
            double load = candidate.inFlight() / candidate.weight();
            if (leastLoaded == null || load < least) {
                leastLoaded = candidate;
                least = load;
            }
        }
        return leastLoaded;
    }
}
