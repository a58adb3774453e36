// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.ServiceInstance;
import org.junit.jupiter.api.Test;

class SubsetTest {
    private static final ServiceInstance BEIJING = ServiceInstance.builder("orders")
            .id("a")
            .address("10.0.0.1", 80)
            .version("v1")
            .zone("cn-beijing-a")
            .tag("canary")
            .tag("green")
            .metadata("env", "pre")
            .build();
    private static final ServiceInstance BARE =
            ServiceInstance.builder("orders").id("b").address("10.0.0.2", 80).build();

    @Test
    void everythingItNamesMustHold() {
        Subset all = Subset.ofVersion("v1")
                .withTags("green", "canary")
                .withZone("cn-beijing-a")
                .withMetadata("env", "pre");
        assertThat(all.matches(BEIJING)).isTrue();
        assertThat(all.withVersion("v2").matches(BEIJING)).isFalse();
        assertThat(all.withTags("blue").matches(BEIJING)).isFalse();
        assertThat(all.withZone("cn-beijing").matches(BEIJING)).isFalse();
        assertThat(all.withMetadata("env", "prod").matches(BEIJING)).isFalse();
        assertThat(all.matches(BARE)).isFalse();
        assertThat(all)
                .hasToString("version v1, tags [green, canary], zone cn-beijing-a, metadata {env=pre}")
                .isEqualTo(Subset.ofTags("canary", "green")
                        .withZone("cn-beijing-a")
                        .withMetadata("env", "pre")
                        .withVersion("v1"));
    }

    @Test
    void aStarEndsAZone() {
        assertThat(Subset.ofZone("cn-beijing*").matches(BEIJING)).isTrue();
        assertThat(Subset.ofZone("cn-beijing-a*").matches(BEIJING)).isTrue();
        assertThat(Subset.ofZone("cn-beijing-ab*").matches(BEIJING)).isFalse();
        assertThat(Subset.ofZone("*").matches(BEIJING)).isTrue();
        assertThat(Subset.ofZone("*").matches(BARE)).isFalse();
    }

    @Test
    void aVersionIsATextAndNoNumber() {
        assertThat(Subset.ofVersion("1.10")
                        .matches(BEIJING.toBuilder().version("1.1").build()))
                .isFalse();
    }
}
