// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.balancer.Attempt;
import org.jspecify.annotations.Nullable;

/** One call on its way, kept until both its client and its server are done with it. For one thread. */
final class Call {
    final int slot;
    long number;
    int client;
    int server;
    long startNanos;
    long workNanos;
    int status;
    boolean decided;
    int holders;

    @Nullable
    Attempt attempt;

    Call(int slot) {
        this.slot = slot;
    }
}
