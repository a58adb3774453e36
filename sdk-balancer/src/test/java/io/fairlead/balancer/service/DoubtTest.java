// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.VirtualTime;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Picks ask a guard only while it may object; that it begins to while somebody looks is not lost. */
class DoubtTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void aGuardThatOpensWhileItIsLookedAtIsAsked() {
        Opening[] made = new Opening[1];
        ServiceInstance instance = ServiceInstance.builder("orders")
                .id("a")
                .address("10.0.0.1", 80)
                .build();
        InstanceState state = new InstanceState(
                instance,
                new Deaf()
                        .shared(
                                (guarded, cap, environment) -> made[0] = new Opening(guarded, environment),
                                new EjectionQuota(),
                                new Environment(time, time, time, new SplittableRandom(1), EventListener.NONE)));
        assertThat(state.mustAsk()).isFalse();
        made[0].open = true;
        state.gate().mustAsk().refresh();
        assertThat(state.mustAsk()).isTrue();
        made[0].open = false;
        made[0].opensAfterTheNextLook = true;
        state.gate().mustAsk().refresh();
        assertThat(state.mustAsk()).isTrue();
        assertThat(state.accepts(PickContext.none(), time.nanos())).isFalse();
    }

    /** Opens right after somebody saw it closed, as another thread may have it do. */
    private static final class Opening implements InstanceGuard {
        private final ServiceInstance instance;
        private final Environment environment;
        private boolean open;
        private boolean opensAfterTheNextLook;

        Opening(ServiceInstance instance, Environment environment) {
            this.instance = instance;
            this.environment = environment;
        }

        @Override
        public Description describe(long nowNanos) {
            return new Description(open ? GuardState.OPEN : GuardState.CLOSED, open ? "shut" : "ajar", 0);
        }

        @Override
        public @Nullable Object tryAcquire(long nowNanos) {
            return open ? null : this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

        @Override
        public boolean isAvailable(long nowNanos) {
            boolean seen = !open;
            if (opensAfterTheNextLook) {
                opensAfterTheNextLook = false;
                open = true;
                environment.listener().onGuardChanged(instance, GuardState.CLOSED, GuardState.OPEN, "by the test");
            }
            return seen;
        }

        @Override
        public boolean admitsWhileClosed() {
            return true;
        }
    }
}
