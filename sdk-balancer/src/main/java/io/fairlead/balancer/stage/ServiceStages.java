// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.Throttle;
import io.fairlead.spi.Environment;
import io.fairlead.spi.ServiceGuard;
import org.jspecify.annotations.Nullable;

/** What the stages of the pipeline remember of one service. A stage that is off is null. Safe for any thread. */
public record ServiceStages(
        @Nullable RateLimiter rateLimiter,
        long maxRateWaitNanos,
        @Nullable AdaptiveThrottle throttle,
        @Nullable ServiceGuard guard,
        RetryAllowance retries,
        @Nullable Hedges hedges) {

    public static ServiceStages of(String service, PipelineOptions options, Environment environment) {
        long nowNanos = environment.ticker().nanos();
        RateLimit limit = options.rateLimit(service);
        Throttle throttle = options.throttle();
        ServiceGuard.Factory guards = options.serviceGuards();
        Hedging hedging = options.hedging();
        Retries retries = options.retries();
        return new ServiceStages(
                limit == null ? null : new RateLimiter(limit, nowNanos),
                limit == null ? 0 : Nanos.of(limit.maxWait()),
                throttle == null ? null : new AdaptiveThrottle(throttle, nowNanos),
                guards == null ? null : guards.newGuard(service, options.guardRejects(), environment),
                RetryAllowance.of(retries, environment.ticker()),
                hedging == null
                        ? null
                        : new Hedges(hedging, RetryAllowance.of(retries, environment.ticker()), environment.ticker()));
    }
}
