// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.time.Duration;

/** What every service of one balancer shares. */
record BalancerOptions(
        Environment environment,
        InstanceGuard.Factory guards,
        OutagePolicy outagePolicy,
        double retryRatio,
        int retriesPerSecond,
        int attempts,
        Duration firstListTimeout,
        Duration slowStart,
        Duration idleAfter) {}
