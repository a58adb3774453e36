// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.world.Server;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A baseline nobody can build: one central queue's worth of knowledge. It reads every server's true queue and speed and
 * joins the one that would be done first; servers that do not serve are never chosen. What is left to win ends here.
 */
final class Oracle implements BalancingPolicy {
    private static final double MEAN_WORK_NANOS = 1e6;

    private final List<Server> servers;

    Oracle(List<Server> servers) {
        this.servers = servers;
    }

    @Override
    public String name() {
        return "oracle";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return (context, nowNanos) -> {
            int start = environment.random().nextInt(candidates.size());
            Candidate best = null;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < candidates.size(); i++) {
                Candidate candidate = candidates.get((start + i) % candidates.size());
                double nanos =
                        servers.get(Clients.serverOf(candidate.instance())).expectedNanos(nowNanos, MEAN_WORK_NANOS);
                if (candidate.accepts(context, nowNanos) && (best == null || nanos < least)) {
                    best = candidate;
                    least = nanos;
                }
            }
            return best;
        };
    }
}
