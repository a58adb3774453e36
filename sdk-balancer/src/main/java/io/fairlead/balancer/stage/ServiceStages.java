// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceOptions.ServiceGuardUse;
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

    public static ServiceStages of(String service, ServiceOptions options, Environment environment) {
        long nowNanos = environment.ticker().nanos();
        RateLimit limit = options.rateLimit();
        Throttle throttle = options.throttle();
        ServiceGuard.Factory guards = options.serviceGuard();
        ServiceGuardUse use = options.serviceGuardUse();
        Hedging hedging = options.hedging();
        Retries retries = options.retries();
        return new ServiceStages(
                limit.isOff() ? null : new RateLimiter(limit, nowNanos),
                limit.isOff() ? 0 : Nanos.of(limit.maxWait()),
                throttle.isOff() ? null : new AdaptiveThrottle(throttle, nowNanos),
                options.hasServiceGuard()
                        ? guards.newGuard(service, use == ServiceGuardUse.REJECTS, environment)
                        : null,
                RetryAllowance.of(retries.allowance(), environment.ticker()),
                hedging.isOff()
                        ? null
                        : new Hedges(
                                hedging,
                                RetryAllowance.of(retries.allowance(), environment.ticker()),
                                environment.ticker()));
    }
}
