// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.concurrent.TimeUnit;

/**
 * Whether so few instances are usable that all are used: below 50 %, until it has been 60 % for a second, however often it
 * is judged. Never while the usable ones of all tiers, over-provisioned, have room for every call. Belongs to the service's
 * updates.
 */
final class Panic {
    private static final double BELOW = 0.5;
    private static final double UNTIL = 0.6;
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private boolean panicking;
    private boolean calming;
    private long calmSinceNanos;

    boolean judge(double usableRatio, boolean hasRoom, long nowNanos) {
        if (!panicking) {
            calming = false;
            panicking = usableRatio < BELOW && !hasRoom;
            return panicking;
        }
        boolean calm = usableRatio >= UNTIL || hasRoom;
        if (calm && !calming) {
            calmSinceNanos = nowNanos;
        }
        calming = calm;
        panicking = !calm || nowNanos - calmSinceNanos < CALM_NANOS;
        return panicking;
    }
}
