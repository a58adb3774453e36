// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.benchmarks.simulation.world.Server;
import io.fairlead.spi.BalancingPolicy;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A policy that takes part, by itself or with everything a user gets around it. Immutable.
 *
 * @param name how the report calls it
 * @param policy makes it for the servers of one run, whose true state only the oracle looks at
 * @param options what else is switched on
 * @param guarded whether guards and the comparison with peers may eject instances, as is the default
 */
public record Contender(
        String name,
        Function<List<Server>, BalancingPolicy> policy,
        boolean guarded,
        UnaryOperator<FairleadBuilder> options) {

    public static Contender of(BalancingPolicy policy) {
        return of(policy.name(), servers -> policy);
    }

    public static Contender of(String name, Function<List<Server>, BalancingPolicy> policy) {
        return new Contender(name, policy, false, UnaryOperator.identity());
    }

    /** The same with ejection. */
    public Contender withGuards() {
        return new Contender(name + " + ejection", policy, true, options);
    }

    /** The same with something else switched on. */
    public Contender with(String what, UnaryOperator<FairleadBuilder> value) {
        return new Contender(name + " + " + what, policy, guarded, value);
    }
}
