// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.testkit.BalancingPolicyContract;
import java.util.stream.Stream;

/** Every policy by name, and those that options make. */
class PolicyContractTest extends BalancingPolicyContract {
    @Override
    protected Stream<BalancingPolicy> policies() {
        return Stream.concat(
                super.policies(),
                Stream.of(
                        new LeastRequestPolicy().withChoices(10),
                        new RingHashPolicy().withLoadFactor(1.01),
                        new MaglevPolicy().withTableSize(256),
                        new MaglevPolicy().withLoadFactor(Double.POSITIVE_INFINITY)));
    }
}
