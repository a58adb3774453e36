// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/** The writing half of a registry. Safe for any thread. */
public interface ServiceRegistrar {

    /**
     * Registers an instance and keeps it registered until the handle is closed: kept alive, read back now and then, and
     * written again when the registry lost it. Returns when the registry has it, or throws after at most 3 s; when it
     * throws nothing goes on in the background. Registering an id that another handle of this registry holds is an
     * {@link IllegalStateException}.
     *
     * <p>An instance that is not ready yet is registered with {@link InstanceStatus#CRITICAL} and gets no calls until
     * {@link Registration#report} says {@link InstanceStatus#PASSING}.
     *
     * @throws RegistryException when the registry gives no usable answer in time or refuses
     */
    Registration register(ServiceInstance instance, HealthCheck check);
}
