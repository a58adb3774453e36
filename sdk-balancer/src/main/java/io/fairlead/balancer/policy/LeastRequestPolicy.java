// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@code least_request}: of two choices the one with fewer attempts in flight for its weight (Mitzenmacher 2001). Blind
 * to how slow an instance is, and an instance that fails fast looks idle: prefer {@code adaptive} for short calls.
 */
public final class LeastRequestPolicy implements BalancingPolicy {
    /** For {@link java.util.ServiceLoader}. */
    public LeastRequestPolicy() {}

    @Override
    public String name() {
        return "least_request";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return new LeastRequest(candidates, environment.random());
    }

    private static final class LeastRequest extends TwoChoices {
        LeastRequest(List<Candidate> candidates, RandomGenerator random) {
            super(candidates, random, 0);
        }

        @Override
        boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos) {
            return first.inFlight() / first.weight() <= second.inFlight() / second.weight();
        }
    }
}
