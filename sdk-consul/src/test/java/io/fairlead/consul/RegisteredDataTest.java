// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import org.junit.jupiter.api.Test;

/** What can be registered can be kept up as it is; the rest is refused at once. */
class RegisteredDataTest {
    @Test
    void metadataThatLeavesNoRoomForTheMarkOfDrainingIsRefusedAtOnce() {
        assertThat(ConsulFormat.meta(with(63))).hasSize(63);
        assertThat(ConsulFormat.meta(with(63).withStatus(InstanceStatus.DRAINING)))
                .hasSize(64);
        assertThatThrownBy(() -> ConsulFormat.meta(with(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("metadata: 65 entries with zone, version, scheme and the mark of draining"
                        + " (expected by Consul: at most 64)");
    }

    /** Consul's client for Java leaves it out, so that nobody would read it. */
    @Test
    void anEmptyValueIsRefused() {
        ServiceInstance instance = builder().metadata("canary", "").build();
        assertThatThrownBy(() -> ConsulFormat.meta(instance))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "metadata 'canary' with 0 characters (expected by Consul: a key of letters, digits, - and _,"
                                + " a value of 1 to 512)");
    }

    @Test
    void anHttpCheckOfAnInstanceThatSpeaksSomethingElseIsMadeOverHttp() {
        for (String scheme : new String[] {"grpc", "tcp", "http", "https"}) {
            assertThat(ConsulFormat.registration(builder().scheme(scheme).build(), HealthCheck.http("/health"))
                            .getChecks())
                    .singleElement()
                    .satisfies(check -> assertThat(check.getHttp())
                            .hasValue((scheme.equals("https") ? "https" : "http") + "://10.0.0.7:8080/health"));
        }
    }

    private static ServiceInstance with(int entries) {
        ServiceInstance.Builder instance = builder();
        for (int i = 0; i < entries; i++) {
            instance.metadata("k" + i, "v");
        }
        return instance.build();
    }

    private static ServiceInstance.Builder builder() {
        return ServiceInstance.builder("orders").id("o1").address("10.0.0.7", 8080);
    }
}
