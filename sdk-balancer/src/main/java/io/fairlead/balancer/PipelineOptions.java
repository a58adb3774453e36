// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.ServiceGuard;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How calls are made, from the outside in. A stage that is null is off.
 *
 * @param rateLimits by service; the empty name stands for every service that has none of its own
 * @param guardRejects whether the service guard may reject; else it only measures
 */
record PipelineOptions(
        Map<String, RateLimit> rateLimits,
        @Nullable Throttle throttle,
        ServiceGuard.@Nullable Factory serviceGuards,
        boolean guardRejects,
        Retries retries,
        @Nullable ConcurrencyLimits concurrencyLimits,
        @Nullable Hedging hedging) {
    static final String EVERY_SERVICE = "";

    /** Copies the map. */
    PipelineOptions {
        rateLimits = Map.copyOf(rateLimits);
    }

    @Nullable
    RateLimit rateLimit(String service) {
        RateLimit own = rateLimits.get(service);
        return own != null ? own : rateLimits.get(EVERY_SERVICE);
    }
}
