// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.InstanceStatus;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which members a service's picker chooses among: the usable ones, or all that serve in panic, when fewer than half
 * are usable, until 60 % have been for two evaluations. Guarded by the service's update lock.
 */
final class Chooser {
    private static final double PANIC_BELOW = 0.5;
    private static final double PANIC_UNTIL = 0.6;
    private static final InstanceState[] NONE = new InstanceState[0];
    private static final int CALM_EVALUATIONS = 2;

    private final BalancingPolicy policy;
    private final Environment environment;
    private int calmEvaluations;

    Chooser(BalancingPolicy policy, Environment environment) {
        this.policy = policy;
        this.environment = environment;
    }

    Choice choose(List<InstanceState> members, Choice previous, long nowNanos) {
        InstanceState[] serving = new InstanceState[members.size()];
        InstanceState[] usable = new InstanceState[members.size()];
        InstanceState[] ejected = new InstanceState[members.size()];
        int servingCount = 0;
        int usableCount = 0;
        int ejectedCount = 0;
        int healthy = 0;
        for (InstanceState state : members) {
            InstanceStatus status = state.instance().status();
            if (status == InstanceStatus.DRAINING) {
                continue;
            }
            serving[servingCount++] = state;
            if (status.isUsable() && state.isEjected()) {
                ejected[ejectedCount++] = state;
            } else if (status.isUsable()) {
                usable[usableCount++] = state;
                healthy += state.isServing(nowNanos) ? 1 : 0;
            }
        }
        boolean panic = judgePanic(previous.panic(), servingCount, healthy);
        // Only draining instances are left: they still answer, which is better than nothing.
        InstanceState[] all =
                servingCount == 0 ? members.toArray(InstanceState[]::new) : trimmed(serving, servingCount);
        InstanceState[] chosen =
                panic || servingCount == 0 || usableCount == servingCount ? all : trimmed(usable, usableCount);
        InstanceState[] waiting = chosen == all ? NONE : trimmed(ejected, ejectedCount);
        return new Choice(picker(chosen, previous.picker()), chosen, waiting, all, members.size(), panic);
    }

    private @Nullable Picker picker(InstanceState[] chosen, @Nullable Picker previous) {
        return chosen.length == 0
                ? null
                : policy.newPicker(
                        Collections.unmodifiableList(Arrays.<Candidate>asList(chosen)), previous, environment);
    }

    private boolean judgePanic(boolean panicking, int serving, int healthy) {
        double ratio = serving == 0 ? 1 : (double) healthy / serving;
        if (!panicking) {
            calmEvaluations = 0;
            return ratio < PANIC_BELOW;
        }
        calmEvaluations = ratio >= PANIC_UNTIL ? calmEvaluations + 1 : 0;
        return calmEvaluations < CALM_EVALUATIONS;
    }

    private static InstanceState[] trimmed(InstanceState[] states, int count) {
        return count == states.length ? states : Arrays.copyOf(states, count);
    }
}
