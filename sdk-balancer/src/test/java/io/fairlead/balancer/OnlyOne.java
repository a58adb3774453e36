// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.LatencyMemory;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Picks the first candidate and shows it to a test. */
public record OnlyOne(AtomicReference<Candidate> shown, LatencyMemory latencyMemory) implements BalancingPolicy {
    public OnlyOne(AtomicReference<Candidate> shown) {
        this(shown, LatencyMemory.ESTIMATE);
    }

    @Override
    public String name() {
        return "only_one";
    }

    @Override
    public boolean needsServiceInFlight() {
        return true;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        shown.set(candidates.get(0));
        return (context, nowNanos) -> candidates.get(0);
    }
}
