// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.spi.RegistrationTiming;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one Consul registry was configured with. Never prints its token. */
record ConsulOptions(
        String address,
        Supplier<@Nullable String> token,
        Selection selection,
        ConsulRegistry.Consistency consistency,
        @Nullable Tls tls,
        Duration hold,
        RegistrationTiming timing,
        @Nullable ExternalNode externalNode) {

    /** Which instances are asked for, and in which order; nulls for all and any. */
    record Selection(
            @Nullable String datacenter,
            @Nullable String namespace,
            @Nullable String near,
            @Nullable String filter,
            List<String> tags) {}

    /** The node that registrations in the catalog belong to. */
    record ExternalNode(String name, String address) {}

    String baseUrl() {
        return (tls == null ? "http" : "https") + "://" + address;
    }

    @Override
    public String toString() {
        return "consul " + baseUrl();
    }
}
