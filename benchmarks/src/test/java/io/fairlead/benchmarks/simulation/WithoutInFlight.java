// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The default policy, blind to what is in flight: what a regression in its cost would look like. */
final class WithoutInFlight implements BalancingPolicy {
    private final BalancingPolicy real =
            Contenders.named(Contenders.DEFAULT).policy().apply(List.of());

    @Override
    public String name() {
        return "adaptive without in-flight";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        Map<Candidate, Candidate> seen = new IdentityHashMap<>();
        List<Candidate> blind = candidates.stream()
                .map(candidate -> {
                    Candidate masked = new Blind(candidate);
                    seen.put(masked, candidate);
                    return masked;
                })
                .toList();
        Picker picker = real.newPicker(blind, null, environment);
        return (context, nowNanos) -> {
            Candidate picked = picker.pick(context, nowNanos);
            return picked == null ? null : seen.get(picked);
        };
    }

    /** A candidate on which nothing ever seems to be in flight. */
    private record Blind(Candidate real) implements Candidate {
        @Override
        public ServiceInstance instance() {
            return real.instance();
        }

        @Override
        public double weight() {
            return real.weight();
        }

        @Override
        public double slowStart() {
            return real.slowStart();
        }

        @Override
        public int inFlight() {
            return 0;
        }

        @Override
        public long latencyNanos(long nowNanos) {
            return real.latencyNanos(nowNanos);
        }

        @Override
        public double successRatio(long nowNanos) {
            return real.successRatio(nowNanos);
        }

        @Override
        public boolean accepts(PickContext context, long nowNanos) {
            return real.accepts(context, nowNanos);
        }
    }
}
