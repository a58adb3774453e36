// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * Whether so few instances are usable that all are used: below 50 %, until 60 % for two evaluations. Never while the
 * usable ones of all tiers, over-provisioned, have room for every call. Guarded by the service's update lock.
 */
final class Panic {
    private static final double BELOW = 0.5;
    private static final double UNTIL = 0.6;
    private static final int CALM_EVALUATIONS = 2;

    private boolean panicking;
    private int calmEvaluations;

    boolean judge(double usableRatio, boolean hasRoom) {
        if (!panicking) {
            calmEvaluations = 0;
            panicking = usableRatio < BELOW && !hasRoom;
            return panicking;
        }
        calmEvaluations = usableRatio >= UNTIL || hasRoom ? calmEvaluations + 1 : 0;
        panicking = calmEvaluations < CALM_EVALUATIONS;
        return panicking;
    }
}
