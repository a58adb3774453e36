// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.spi.RegistrationTiming;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How health queries are spelt. */
class HealthQueryTest {
    private static final Duration HOLD = Duration.ofSeconds(20);

    @Test
    void everyOptionReachesTheQueryEncoded() {
        ConsulOptions options = options(
                new ConsulOptions.Selection(
                        "eu west", "team/a", "_agent", "Service.Meta.zone == \"b\"", List.of("v2", "a&b")),
                ConsulRegistry.Consistency.STALE);
        assertThat(HealthQuery.path("orders", options, 7, HOLD))
                .isEqualTo("/v1/health/service/orders?index=7&wait=20000ms&dc=eu%20west&ns=team%2Fa&near=_agent"
                        + "&filter=Service.Meta.zone%20%3D%3D%20%22b%22&tag=v2&tag=a%26b&stale");
    }

    @Test
    void aFirstQueryIsNotHeld() {
        ConsulOptions options = options(
                new ConsulOptions.Selection(null, null, null, null, List.of()), ConsulRegistry.Consistency.DEFAULT);
        assertThat(HealthQuery.path("orders", options, 0, HOLD)).isEqualTo("/v1/health/service/orders");
    }

    @Test
    void aNameIsOnePartOfThePath() {
        ConsulOptions options = options(
                new ConsulOptions.Selection(null, null, null, null, List.of()), ConsulRegistry.Consistency.CONSISTENT);
        assertThat(HealthQuery.path("a/b?c\r\n", options, 0, HOLD))
                .isEqualTo("/v1/health/service/a%2Fb%3Fc%0D%0A?consistent");
    }

    private static ConsulOptions options(ConsulOptions.Selection selection, ConsulRegistry.Consistency consistency) {
        return new ConsulOptions(
                "localhost:8500", () -> null, selection, consistency, null, HOLD, RegistrationTiming.defaults(), null);
    }
}
