// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.Throttle;
import io.fairlead.spi.ServiceGuard;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How calls are made, from the outside in. A stage that is null is off.
 *
 * @param rateLimits by service; the empty name stands for every service that has none of its own
 * @param guardRejects whether the service guard may reject; else it only measures
 */
public record PipelineOptions(
        Map<String, RateLimit> rateLimits,
        @Nullable Throttle throttle,
        ServiceGuard.@Nullable Factory serviceGuards,
        boolean guardRejects,
        Retries retries,
        @Nullable ConcurrencyLimits concurrencyLimits,
        @Nullable Hedging hedging) {
    public static final String EVERY_SERVICE = "";

    /** Copies the map. */
    public PipelineOptions {
        rateLimits = Map.copyOf(rateLimits);
    }

    @Nullable
    RateLimit rateLimit(String service) {
        RateLimit own = rateLimits.get(service);
        return own != null ? own : rateLimits.get(EVERY_SERVICE);
    }
}
