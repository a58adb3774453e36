// SPDX-License-Identifier: Apache-2.0
package io.fairlead.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RegistryContract;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The in-memory registry; it is never unreachable, so an outage is one it is told to have. */
class MemoryRegistryTest extends RegistryContract {
    private MemoryRegistry memory;

    @Override
    protected Registry open(RecordingListener events) {
        memory = MemoryRegistry.builder()
                .timing(RegistrationTiming.defaults()
                        .withBeat(Duration.ofMillis(50))
                        .withPropagation(Duration.ZERO)
                        .withInFlight(Duration.ZERO))
                .environment(Environment.system().withListener(events))
                .build();
        return memory;
    }

    @Override
    protected void interrupt() {
        memory.setAvailable(false);
    }

    @Override
    protected void restore() {
        memory.setAvailable(true);
    }

    @Test
    void eachUriIsARegistryOfItsOwn() {
        try (Registry one = Registry.connect("memory:a");
                Registry other = Registry.connect("memory:a")) {
            one.register(
                            ServiceInstance.builder("orders")
                                    .address("10.0.0.1", 80)
                                    .build(),
                            HealthCheck.none())
                    .idle();
            assertThat(one.services()).containsExactly("orders");
            assertThat(other.services()).isEmpty();
            assertThat(one.description()).isEqualTo("memory a");
        }
    }

    @Test
    void aFixedListIsServedAsItIs() {
        ServiceInstance a = ServiceInstance.builder("orders")
                .id("a")
                .address("10.0.0.1", 80)
                .build();
        ServiceInstance b = ServiceInstance.builder("orders")
                .id("b")
                .address("10.0.0.2", 80)
                .build();
        try (Registry fixed = MemoryRegistry.of(List.of(b, a))) {
            assertThat(fixed.list("orders").instances()).containsExactly(a, b);
        }
        assertThatThrownBy(() -> MemoryRegistry.of(List.of(a, a)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a' twice");
    }

    @Test
    void aBareSchemeIsEnough() {
        try (Registry bare = Registry.connect("memory:")) {
            assertThat(bare.description()).isEqualTo("memory");
        }
    }

    @Test
    void refusesOptionsItDoesNotHave() {
        assertThatThrownBy(() -> Registry.connect("memory:a?dc=x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no options");
    }
}
