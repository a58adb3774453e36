// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * From where on an instance counts as worse, and what is left of its weight then. An immutable value.
 *
 * @param latency time to headers of successful calls ({@link LatencySignal} says which figure of them), above zero
 * @param errorRatio share of calls that fail, above 0 to 1
 * @param factor what is left of the registry's weight, 0.05 to below 1
 */
public record HealthBand(Duration latency, double errorRatio, double factor) {
    /** However bad an instance, this much of its weight is left: what fails altogether is ejected, not starved. */
    static final double LEAST_FACTOR = 0.05;

    /** Rejects what lies outside the ranges. */
    public HealthBand {
        if (latency.isNegative() || latency.isZero()) {
            throw new IllegalArgumentException("band.latency: " + latency + " (expected: above zero)");
        }
        if (!(errorRatio > 0 && errorRatio <= 1)) {
            throw new IllegalArgumentException("band.errorRatio: " + errorRatio + " (expected: above 0, up to 1)");
        }
        if (!(factor >= LEAST_FACTOR && factor < 1)) {
            throw new IllegalArgumentException("band.factor: " + factor + " (expected: 0.05 to below 1)");
        }
    }
}
