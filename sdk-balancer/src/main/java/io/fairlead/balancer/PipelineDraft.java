// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.stage.PipelineOptions;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.spi.kit.Providers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stages of the pipeline while a {@link FairleadBuilder} collects them. */
final class PipelineDraft {
    final Map<String, RateLimit> rateLimits = new HashMap<>();

    @Nullable
    Throttle throttle;

    ServiceGuard.@Nullable Factory serviceGuards;
    boolean guardRejects;
    Retries retries = Retries.defaults();

    @Nullable
    ConcurrencyLimits concurrencyLimits;

    @Nullable
    Hedging hedging;

    PipelineOptions options() {
        ServiceGuard.Factory guards = serviceGuards != null ? serviceGuards : found();
        if (guards == null && guardRejects) {
            throw new IllegalStateException(
                    "no guard for whole services found (expected: fairlead-circuitbreaker on the class path, or"
                            + " serviceGuard(…) on the builder)");
        }
        return new PipelineOptions(rateLimits, throttle, guards, guardRejects, retries, concurrencyLimits, hedging);
    }

    private static ServiceGuard.@Nullable Factory found() {
        List<ServiceGuard.Factory> found = Providers.of(ServiceGuard.Factory.class, FairleadBuilder::leftOut);
        if (found.size() > 1) {
            throw new IllegalStateException("service guards found: "
                    + found.get(0).getClass().getName() + " and "
                    + found.get(1).getClass().getName() + " (expected: one, or serviceGuard(…) on the builder)");
        }
        return found.isEmpty() ? null : found.get(0);
    }
}
