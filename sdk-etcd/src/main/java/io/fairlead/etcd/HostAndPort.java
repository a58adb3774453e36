// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.ServiceInstance;

/** Reads {@code host:port}. Stateless, safe for any thread. */
final class HostAndPort {
    private HostAndPort() {}

    /**
     * Sets a builder's address.
     *
     * @throws IllegalArgumentException when there is no port; the builder judges the rest
     */
    static void set(ServiceInstance.Builder builder, String authority) {
        int colon = authority.lastIndexOf(':');
        String port = colon < 0 ? "" : authority.substring(colon + 1);
        if (!port.matches("\\d{1,5}")) {
            throw new IllegalArgumentException("address: no port (expected: host:port)");
        }
        builder.address(authority.substring(0, colon), Integer.parseInt(port));
    }
}
