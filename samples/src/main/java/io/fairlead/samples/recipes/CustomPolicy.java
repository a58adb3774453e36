// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.Registry;
import io.fairlead.balancer.Fairlead;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A policy of one's own: always the first instance that can take the call, by id. */
public final class CustomPolicy implements BalancingPolicy {
    /** For {@link java.util.ServiceLoader}, should it be listed there. */
    public CustomPolicy() {}

    @Override
    public String name() {
        return "first";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return (context, nowNanos) -> {
            for (Candidate candidate : candidates) {
                if (candidate.accepts(context, nowNanos)) {
                    return candidate;
                }
            }
            return null;
        };
    }

    /** A balancer that uses it for one service. */
    public static Fairlead forReports(Registry registry) {
        return Fairlead.builder(registry)
                .forService("reports", o -> o.withPolicy(new CustomPolicy()))
                .build();
    }
}
