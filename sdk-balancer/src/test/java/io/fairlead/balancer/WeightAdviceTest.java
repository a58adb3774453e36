// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.balancer.policy.MaglevPolicy;
import io.fairlead.balancer.policy.plain.AdaptivePolicy;
import io.fairlead.balancer.policy.plain.RandomPolicy;
import io.fairlead.balancer.policy.plain.RoundRobinPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WeightAdviceTest {
    private static final DynamicWeights ON = DynamicWeights.defaults();

    @Test
    void whatTheyDoNotGoWithIsSaidAtTheStart() {
        assertThat(WeightAdvice.objection(ON, new AdaptivePolicy())).isNull();
        assertThat(WeightAdvice.objection(ON, new MaglevPolicy())).isNull();
        assertThat(WeightAdvice.objection(ON, new RandomPolicy()))
                .startsWith("dynamic weights with 'random': shares swing");
        assertThat(WeightAdvice.objection(ON, new RoundRobinPolicy()))
                .startsWith("dynamic weights have no effect with 'round_robin'");
        assertThat(WeightAdvice.objection(DynamicWeights.off(), new RandomPolicy()))
                .isNull();
        DynamicWeights quick = ON.withWindow(Duration.ofSeconds(1))
                .withHysteresis(DynamicWeights.Hysteresis.defaults().withWindows(1, 1));
        assertThat(WeightAdvice.objection(quick, new RandomPolicy())).isNull();
    }
}
