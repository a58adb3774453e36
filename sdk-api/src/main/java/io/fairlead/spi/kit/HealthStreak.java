// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;

/**
 * What a row of checks says: critical after as many failures in a row as the check wants, passing again after as many
 * successes. One thread at a time learns; any thread reads the status.
 */
public final class HealthStreak {
    private final HealthCheck check;
    private volatile InstanceStatus status;
    private int failures;
    private int successes;

    /** Starts from {@code initial}, which holds until a row of checks says otherwise. */
    public HealthStreak(HealthCheck check, InstanceStatus initial) {
        this.check = check;
        this.status = initial;
    }

    /** What the checks say so far. */
    public InstanceStatus status() {
        return status;
    }

    /** One more check; true when the status changed. */
    public boolean learn(InstanceStatus seen) {
        InstanceStatus before = status;
        if (seen == InstanceStatus.CRITICAL) {
            successes = 0;
            if (++failures >= check.failuresBeforeCritical()) {
                status = InstanceStatus.CRITICAL;
            }
        } else {
            failures = 0;
            if (before != InstanceStatus.CRITICAL || ++successes >= check.successesBeforePassing()) {
                successes = 0;
                status = seen;
            }
        }
        return status != before;
    }
}
