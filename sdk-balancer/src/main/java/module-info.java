// SPDX-License-Identifier: Apache-2.0
import io.fairlead.api.EventListener;
import io.fairlead.balancer.LoggingListener;
import io.fairlead.balancer.policy.IpHashPolicy;
import io.fairlead.balancer.policy.LeastRequestPolicy;
import io.fairlead.balancer.policy.MaglevPolicy;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.plain.AdaptivePolicy;
import io.fairlead.balancer.policy.plain.PeakEwmaPolicy;
import io.fairlead.balancer.policy.plain.PickFirstPolicy;
import io.fairlead.balancer.policy.plain.PrequalPolicy;
import io.fairlead.balancer.policy.plain.RandomPolicy;
import io.fairlead.balancer.policy.plain.RoundRobinPolicy;
import io.fairlead.balancer.policy.plain.WeightedRoundRobinPolicy;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import org.jspecify.annotations.NullMarked;

/** Per-service cached lists, balancing policies and the attempt pipeline. */
@NullMarked
@SuppressWarnings("module") // the adapters are built later
module io.fairlead.balancer {
    requires transitive io.fairlead.api;
    requires com.github.benmanes.caffeine;
    requires org.slf4j;

    exports io.fairlead.balancer;
    exports io.fairlead.balancer.policy;
    exports io.fairlead.balancer.route;
    exports io.fairlead.balancer.http to
            io.fairlead.http,
            io.fairlead.okhttp;

    uses BalancingPolicy;
    uses InstanceGuard.Factory;
    uses ServiceGuard.Factory;

    provides BalancingPolicy with
            AdaptivePolicy,
            IpHashPolicy,
            LeastRequestPolicy,
            MaglevPolicy,
            PeakEwmaPolicy,
            PickFirstPolicy,
            PrequalPolicy,
            RandomPolicy,
            RingHashPolicy,
            RoundRobinPolicy,
            WeightedRoundRobinPolicy;
    provides EventListener with
            LoggingListener;
}
