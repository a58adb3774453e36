// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.spi.BalancingPolicy;
import java.util.List;
import java.util.function.Function;

/**
 * A policy that takes part, by itself or with everything a user gets around it. Immutable.
 *
 * @param name how the report calls it
 * @param policy makes it for the servers of one run, whose true state only the oracle looks at
 * @param guarded whether guards and the comparison with peers may eject instances, as is the default
 */
record Contender(String name, Function<List<Server>, BalancingPolicy> policy, boolean guarded) {

    static Contender of(BalancingPolicy policy) {
        return new Contender(policy.name(), servers -> policy, false);
    }

    /** The same with ejection. */
    Contender withGuards() {
        return new Contender(name + " + ejection", policy, true);
    }
}
