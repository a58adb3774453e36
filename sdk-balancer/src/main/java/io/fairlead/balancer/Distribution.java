// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * Options that decide who gets which part of a service's calls, whatever the policy.
 *
 * @param slowStart how weights of new instances grow
 * @param zones which zones calls prefer
 * @param subsetting how many instances of a large service are called
 */
record Distribution(SlowStart slowStart, ZonePreference zones, Subsetting subsetting) {
    static Distribution defaults() {
        return new Distribution(SlowStart.defaults(), ZonePreference.none(), Subsetting.defaults());
    }

    Distribution withSlowStart(SlowStart value) {
        return new Distribution(value, zones, subsetting);
    }

    Distribution withZones(ZonePreference value) {
        return new Distribution(slowStart, value, subsetting);
    }

    Distribution withSubsetting(Subsetting value) {
        return new Distribution(slowStart, zones, value);
    }
}
