// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import io.fairlead.spi.WeightUse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code pick_first}: the first of the list, by id, for as long as it takes calls, else the next (after gRPC's policy of
 * that name). Every client chooses the same one, and returns to it when it is back.
 *
 * <p>For an active instance with standbys. It balances nothing.
 */
public final class PickFirstPolicy implements BalancingPolicy {
    /** For {@link java.util.ServiceLoader}. */
    public PickFirstPolicy() {}

    @Override
    public String name() {
        return "pick_first";
    }

    @Override
    public WeightUse weightUse() {
        return WeightUse.IGNORED;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return new First(candidates.toArray(Candidate[]::new));
    }

    private static final class First implements Picker {
        private final Candidate[] candidates;

        First(Candidate[] candidates) {
            this.candidates = candidates;
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            return PickFigure.of("others before it", Scan.placeOf(candidate, candidates));
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            return Scan.from(0, candidates, context, nowNanos);
        }
    }
}
