// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceOptions.ServiceGuardUse;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.Throttle;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the stages of the pipeline remember of one service. A stage that is off is null. Safe for any thread. */
public record ServiceStages(
        @Nullable RateLimiter rateLimiter,
        long maxRateWaitNanos,
        @Nullable AdaptiveThrottle throttle,
        @Nullable ServiceGuard guard,
        RetryAllowance retries,
        @Nullable Hedges hedges) {

    /**
     * The guard of the whole service under other options.
     *
     * @param guard a new one, or the present one; null for none
     * @param adoption brings the present one under them
     */
    public record NextGuard(@Nullable ServiceGuard guard, Runnable adoption) {
        public static final NextGuard NONE = new NextGuard(null, () -> {});
    }

    /** Full ones, which remember nothing. */
    public static ServiceStages of(String service, ServiceOptions options, Environment environment) {
        Ticker ticker = environment.ticker();
        long nowNanos = ticker.nanos();
        RateLimit limit = options.rateLimit();
        Throttle throttle = options.throttle();
        Retries.Allowance allowance = options.retries().allowance();
        return new ServiceStages(
                limit.isOff() ? null : new RateLimiter(limit, nowNanos),
                limit.isOff() ? 0 : Nanos.of(limit.maxWait()),
                throttle.isOff() ? null : new AdaptiveThrottle(throttle, nowNanos),
                options.hasServiceGuard() ? newGuard(service, options, environment) : null,
                RetryAllowance.of(allowance, ticker),
                options.hedging().isOff()
                        ? null
                        : new Hedges(options.hedging(), RetryAllowance.of(allowance, ticker), ticker));
    }

    /**
     * These under other options, with what they remember: tokens, windows, balances and latencies. Calls nothing of a user's.
     *
     * @param before the options these were made of
     * @param nextGuard the guard of the whole service
     */
    public ServiceStages under(
            ServiceOptions next,
            ServiceOptions before,
            @Nullable ServiceGuard nextGuard,
            String service,
            Environment environment) {
        long nowNanos = environment.ticker().nanos();
        ServiceStages fresh = of(service, next.withServiceGuardUse(ServiceGuardUse.OFF), environment);
        if (rateLimiter != null
                && fresh.rateLimiter != null
                && !next.rateLimit().equals(before.rateLimit())) {
            rateLimiter.change(next.rateLimit(), nowNanos);
        }
        boolean isSameAllowance =
                next.retries().allowance().equals(before.retries().allowance());
        RetryAllowance nextRetries = isSameAllowance ? retries : fresh.retries.takingOver(retries);
        return new ServiceStages(
                rateLimiter == null || fresh.rateLimiter == null ? fresh.rateLimiter : rateLimiter,
                fresh.maxRateWaitNanos,
                throttle == null || fresh.throttle == null ? fresh.throttle : throttle.under(next.throttle(), nowNanos),
                nextGuard,
                nextRetries,
                hedges == null || fresh.hedges == null
                        ? fresh.hedges
                        : isSameAllowance && next.hedging().equals(before.hedging())
                                ? hedges
                                : fresh.hedges.takingOver(hedges));
    }

    /** What they stand at, for people. */
    public ServiceStatus.Stages view(long nowNanos) {
        InstanceGuard.Description seen = guard == null ? null : guard.describe(nowNanos);
        return new ServiceStatus.Stages(
                rateLimiter == null ? Double.POSITIVE_INFINITY : rateLimiter.tokens(nowNanos),
                throttle == null ? 0 : throttle.rejection(nowNanos),
                seen == null ? null : seen.state(),
                seen == null ? "" : seen.reason());
    }

    /** The guard of the whole service under other options, for which a user's factory is asked; nothing changes yet. */
    public NextGuard nextGuard(ServiceOptions next, ServiceOptions before, String service, Environment environment) {
        if (!next.hasServiceGuard()) {
            return NextGuard.NONE;
        }
        if (guard != null && next.serviceGuardUse() == before.serviceGuardUse()) {
            Runnable adoption = next.serviceGuard().equals(before.serviceGuard())
                    ? NextGuard.NONE.adoption()
                    : next.serviceGuard().adoption(guard);
            if (adoption != null) {
                return new NextGuard(guard, adoption);
            }
        }
        return new NextGuard(newGuard(service, next, environment), NextGuard.NONE.adoption());
    }

    private static ServiceGuard newGuard(String service, ServiceOptions options, Environment environment) {
        boolean rejects = options.serviceGuardUse() == ServiceGuardUse.REJECTS;
        return Objects.requireNonNull(
                options.serviceGuard().newGuard(service, rejects, environment), "the service's guard");
    }
}
