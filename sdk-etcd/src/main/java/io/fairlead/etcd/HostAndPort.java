// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.ServiceInstance;

/** Reads {@code host:port}. Stateless, safe for any thread. */
final class HostAndPort {
    private HostAndPort() {}

    /**
     * Sets a builder's address, and its scheme when there is one, as in {@code http://host:port/path}.
     *
     * @throws IllegalArgumentException when there is no port; the builder judges the rest
     */
    static void set(ServiceInstance.Builder builder, String address) {
        String authority = address.strip();
        int scheme = authority.indexOf("://");
        if (scheme > 0) {
            builder.scheme(authority.substring(0, scheme));
            authority = authority.substring(scheme + 3);
            int path = authority.indexOf('/');
            authority = path < 0 ? authority : authority.substring(0, path);
        }
        int colon = authority.lastIndexOf(':');
        String port = colon < 0 ? "" : authority.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("address: no port (expected: host:port)");
        }
        builder.address(authority.substring(0, colon), Integer.parseInt(port));
    }
}
