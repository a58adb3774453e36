// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.spi.BalancingPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** Who takes part: every policy on the class path, and the baselines. Stateless. */
public final class Contenders {
    public static final String DEFAULT = "adaptive";

    private Contenders() {}

    /** Every policy found by name, the default first, the others by name. */
    public static List<Contender> found() {
        List<BalancingPolicy> policies = new ArrayList<>();
        ServiceLoader.load(BalancingPolicy.class).forEach(policies::add);
        policies.sort(
                Comparator.comparing((BalancingPolicy policy) -> !policy.name().equals(DEFAULT))
                        .thenComparing(BalancingPolicy::name));
        return policies.stream().map(Contender::of).toList();
    }

    /** One of {@link #found}. */
    public static Contender named(String name) {
        return found().stream()
                .filter(contender -> contender.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("policy: '" + name + "' (expected: one of "
                        + found().stream().map(Contender::name).toList() + ")"));
    }

    public static Contender leastOfAll() {
        return Contender.of(new LeastLoadedOfAll());
    }

    /** The best of some, or of all, by what servers published up to two milliseconds ago. */
    public static List<Contender> stale() {
        return List.of(
                Contender.of("best of all, 2 ms stale", servers -> new StaleViews(Integer.MAX_VALUE, servers)),
                Contender.of("best of two, 2 ms stale", servers -> new StaleViews(2, servers)));
    }

    public static Contender oracle() {
        return Contender.of("oracle", Oracle::new);
    }
}
