// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.net.InetAddress;

/**
 * One way to look whether an instance is well. Blocks for at most about the check's timeout, so it runs on a worker;
 * what it throws is a failure, and its message is the evidence. Safe for any thread.
 */
@FunctionalInterface
public interface HealthProbe {
    /**
     * Looks once.
     *
     * @param address where to connect; the caller has resolved the host, the instance's or the check's own, and may have
     *     refused some addresses
     */
    InstanceStatus check(ServiceInstance instance, InetAddress address, HealthCheck check) throws Exception;

    /** The probe of a kind of check; a kind that nobody probes always passes. */
    static HealthProbe of(HealthCheck.Kind kind) {
        return switch (kind) {
            case HTTP -> HttpHealthProbe::check;
            case TCP ->
                (instance, address, check) -> {
                    ProbeSocket.connect(address, check.endpoint().portOf(instance), check.timeout())
                            .close();
                    return InstanceStatus.PASSING;
                };
            case GRPC -> GrpcHealthProbe::check;
            case NONE, TTL -> (instance, address, check) -> InstanceStatus.PASSING;
        };
    }
}
