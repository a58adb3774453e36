// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * Options that decide who gets which part of a service's calls, whatever the policy.
 *
 * @param slowStart how weights of new instances grow
 * @param zones which zones calls prefer
 * @param subsetting how many instances of a large service are called
 * @param dynamicWeights how weights follow health
 */
record Distribution(SlowStart slowStart, ZonePreference zones, Subsetting subsetting, DynamicWeights dynamicWeights) {
    static Distribution defaults() {
        return new Distribution(
                SlowStart.defaults(), ZonePreference.none(), Subsetting.defaults(), DynamicWeights.off());
    }

    Distribution withSlowStart(SlowStart value) {
        return new Distribution(value, zones, subsetting, dynamicWeights);
    }

    Distribution withZones(ZonePreference value) {
        return new Distribution(slowStart, value, subsetting, dynamicWeights);
    }

    Distribution withSubsetting(Subsetting value) {
        return new Distribution(slowStart, zones, value, dynamicWeights);
    }

    Distribution withDynamicWeights(DynamicWeights value) {
        return new Distribution(slowStart, zones, subsetting, value);
    }
}
