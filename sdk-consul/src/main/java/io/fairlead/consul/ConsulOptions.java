// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.spi.RegistrationTiming;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one Consul registry was configured with. Never prints its token. */
record ConsulOptions(
        String address,
        Supplier<@Nullable String> token,
        @Nullable String datacenter,
        ConsulRegistry.Consistency consistency,
        @Nullable Tls tls,
        Duration hold,
        RegistrationTiming timing) {

    String baseUrl() {
        return (tls == null ? "http" : "https") + "://" + address;
    }

    @Override
    public String toString() {
        return "consul " + baseUrl();
    }
}
