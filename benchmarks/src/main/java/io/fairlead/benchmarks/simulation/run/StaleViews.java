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
 * A baseline that reads how much the servers have to do, as they all published it up to two milliseconds ago: the best of
 * some at random, or of all. With all, everybody runs to the same server until the next publication. For one run.
 */
final class StaleViews implements BalancingPolicy {
    private static final long STALE_NANOS = 2_000_000;

    private final int choices;
    private final List<Server> servers;
    private final int[] loads;
    private long published = -STALE_NANOS;

    /** @param choices how many are compared; all of them when there are no more */
    StaleViews(int choices, List<Server> servers) {
        this.choices = choices;
        this.servers = servers;
        this.loads = new int[servers.size()];
    }

    @Override
    public String name() {
        return "stale_views";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        int size = candidates.size();
        return (context, nowNanos) -> {
            publish(nowNanos);
            int start = environment.random().nextInt(size);
            Candidate best = null;
            for (int i = 0; i < Math.min(choices, size); i++) {
                int index = choices < size ? environment.random().nextInt(size) : (start + i) % size;
                Candidate candidate = candidates.get(index);
                if (candidate.accepts(context, nowNanos) && (best == null || load(candidate) < load(best))) {
                    best = candidate;
                }
            }
            return best;
        };
    }

    private int load(Candidate candidate) {
        return loads[Clients.serverOf(candidate.instance())];
    }

    private void publish(long nowNanos) {
        if (nowNanos - published >= STALE_NANOS) {
            published = nowNanos - Math.floorMod(nowNanos, STALE_NANOS);
            for (int i = 0; i < loads.length; i++) {
                loads[i] = servers.get(i).load();
            }
        }
    }
}
