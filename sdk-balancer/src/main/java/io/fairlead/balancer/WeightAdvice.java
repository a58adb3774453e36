// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.BalancingPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says at start-up which policies dynamic weights do not go with. */
final class WeightAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(WeightAdvice.class);

    private WeightAdvice() {}

    /** One line for each policy there is something against. Asks policies. */
    static List<String> of(Stream<ServiceOptions> kinds) {
        return kinds.map(kind -> objection(kind.dynamicWeights(), kind.policy()))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    static void give(List<String> advice) {
        advice.forEach(LOG::warn);
    }

    /** What is wrong with weights and a policy, or null when nothing is. */
    static @Nullable String objection(DynamicWeights weights, BalancingPolicy policy) {
        if (weights.isOff()) {
            return null;
        }
        return switch (policy.weightUse()) {
            case BESIDE_LOAD -> null;
            case IGNORED ->
                "dynamic weights have no effect with '" + policy.name()
                        + "', which gives everyone the same (expected: a policy that reads weights)";
            case ALONE ->
                isQuick(weights)
                        ? null
                        : "dynamic weights with '" + policy.name()
                                + "': shares swing, for nothing but the weights corrects them (expected: adaptive or"
                                + " least_request; or windows of 1 s and hysteresis of one window up and down)";
        };
    }

    /** Without feedback call by call, levels that move at once are the only one there is. */
    private static boolean isQuick(DynamicWeights weights) {
        DynamicWeights.Hysteresis hysteresis = weights.hysteresis();
        return weights.window().compareTo(Duration.ofSeconds(1)) <= 0
                && hysteresis.enterWindows() == 1
                && hysteresis.exitWindows() == 1;
    }
}
