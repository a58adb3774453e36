// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.concurrent.TimeUnit;

/**
 * How many of a hundred calls each tier gets, by Envoy's arithmetic for priority levels: a tier is as healthy as its
 * usable instances times the over-provisioning factor, at most 100 %; each takes its health's part of what is healthy at
 * all, and the next one the rest. A pure function.
 *
 * @param percents of the calls, by tier; 100 in all, or 0 when nobody is healthy
 * @param health of all tiers together, from 0 to 100; 100 means that every call finds room
 */
record TierLoads(int[] percents, int health) {

    /** Loads by health. */
    static TierLoads byHealth(int[] usable, int[] instances, int overprovisioningPercent) {
        int[] health = new int[usable.length];
        int sum = 0;
        for (int tier = 0; tier < usable.length; tier++) {
            health[tier] = instances[tier] == 0
                    ? 0
                    : (int) Math.min(100, (long) overprovisioningPercent * usable[tier] / instances[tier]);
            sum += health[tier];
        }
        int total = Math.min(100, sum);
        int[] percents = new int[usable.length];
        int left = 100;
        int last = -1;
        for (int tier = 0; tier < usable.length && total > 0; tier++) {
            percents[tier] = Math.min(left, (int) Math.round(health[tier] * 100.0 / total));
            left -= percents[tier];
            last = health[tier] > 0 ? tier : last;
        }
        if (last >= 0) {
            percents[last] += left;
        }
        return new TierLoads(percents, total);
    }

    /** Loads in proportion to instances, when health says nothing any more. */
    static TierLoads byInstances(int[] instances) {
        long total = 0;
        for (int count : instances) {
            total += count;
        }
        int[] percents = new int[instances.length];
        int left = 100;
        int largest = 0;
        for (int tier = 0; tier < instances.length && total > 0; tier++) {
            percents[tier] = (int) (100L * instances[tier] / total);
            left -= percents[tier];
            largest = instances[tier] > instances[largest] ? tier : largest;
        }
        if (total > 0) {
            percents[largest] += left;
        }
        return new TierLoads(percents, 0);
    }

    /**
     * Whether so few instances are usable that all are used: below 50 %, until it has been 60 % for a second, however often it
     * is judged. Never while the usable ones of all tiers, over-provisioned, have room for every call. Belongs to the service's
     * updates.
     */
    static final class Panic {
        private static final double BELOW = 0.5;
        private static final double UNTIL = 0.6;
        private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(1);

        private boolean panicking;
        private boolean calming;
        private long calmSinceNanos;

        /** Another that goes on from here. */
        Panic copy() {
            Panic copy = new Panic();
            copy.panicking = panicking;
            copy.calming = calming;
            copy.calmSinceNanos = calmSinceNanos;
            return copy;
        }

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
}
