// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import io.fairlead.balancer.Attempt;
import org.jspecify.annotations.Nullable;

/** One call on its way, kept until both its client and its server are done with it. For one thread. */
public final class Call {
    public final int slot;
    public long number;
    public int client;
    public int server;
    public long startNanos;
    public long workNanos;
    public int status;
    public boolean decided;
    public int holders;

    @Nullable
    public Attempt attempt;

    public Call(int slot) {
        this.slot = slot;
    }
}
