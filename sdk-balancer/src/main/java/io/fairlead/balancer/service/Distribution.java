// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.SlowStart;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.ZonePreference;

/**
 * Options that decide who gets which part of a service's calls, whatever the policy.
 *
 * @param slowStart how weights of new instances grow
 * @param zones which zones calls prefer
 * @param subsetting how many instances of a large service are called
 * @param dynamicWeights how weights follow health
 */
public record Distribution(
        SlowStart slowStart, ZonePreference zones, Subsetting subsetting, DynamicWeights dynamicWeights) {
    public static Distribution defaults() {
        return new Distribution(
                SlowStart.defaults(), ZonePreference.none(), Subsetting.defaults(), DynamicWeights.off());
    }

    public Distribution withSlowStart(SlowStart value) {
        return new Distribution(value, zones, subsetting, dynamicWeights);
    }

    public Distribution withZones(ZonePreference value) {
        return new Distribution(slowStart, value, subsetting, dynamicWeights);
    }

    public Distribution withSubsetting(Subsetting value) {
        return new Distribution(slowStart, zones, value, dynamicWeights);
    }

    public Distribution withDynamicWeights(DynamicWeights value) {
        return new Distribution(slowStart, zones, subsetting, value);
    }
}
