// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.IOException;

/**
 * A service has no instance for a call, or its registry refuses to say. An {@link IOException}, because an
 * HTTP client takes anything else for a crash; the cause is the {@link io.fairlead.api.NoInstanceException} or
 * {@link io.fairlead.api.RegistryException} with the reason. No network was used.
 */
public final class ServiceUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String service;

    /** Of a service, for the reason that the cause has. */
    public ServiceUnavailableException(String service, RuntimeException cause) {
        super(cause.getMessage(), cause);
        this.service = service;
    }

    /** The service asked for. */
    public String service() {
        return service;
    }
}
