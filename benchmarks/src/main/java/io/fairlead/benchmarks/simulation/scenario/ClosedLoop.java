// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.SplitMix;

/**
 * Users who wait for their answer, think, and only then call again: the slower the answers, the fewer the calls. An
 * immutable value.
 *
 * @param users altogether, shared out among the clients in turn
 * @param thinkMillis mean of the exponential time between an answer and the next call
 */
public record ClosedLoop(int users, double thinkMillis) implements Arrivals {
    @Override
    public double perSecond() {
        return users * 1e3 / thinkMillis;
    }

    public long thinkNanos(SplitMix random) {
        return Math.max(1, Math.round(-StrictMath.log(random.nextUnit()) * Millis.toNanos(thinkMillis)));
    }
}
