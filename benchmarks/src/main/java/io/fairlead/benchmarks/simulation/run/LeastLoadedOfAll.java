// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A baseline: of all instances the one with the fewest attempts in flight, ties at random. Reads every instance. */
final class LeastLoadedOfAll implements BalancingPolicy {
    @Override
    public String name() {
        return "least_of_all";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return (context, nowNanos) -> {
            int start = environment.random().nextInt(candidates.size());
            Candidate best = null;
            for (int i = 0; i < candidates.size(); i++) {
                Candidate candidate = candidates.get((start + i) % candidates.size());
                if (candidate.accepts(context, nowNanos) && (best == null || candidate.inFlight() < best.inFlight())) {
                    best = candidate;
                }
            }
            return best;
        };
    }
}
