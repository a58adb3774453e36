// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.Set;

/** The reading half of a registry. Safe for any thread. */
public interface ServiceDiscovery {

    /**
     * Follows a service. Returns at once; the first snapshot comes through the listener as soon as the registry has
     * answered, then one for every change. A service nobody registered yields an empty snapshot. While the registry is
     * down, hung, leaderless or refuses us, the listener hears {@link SnapshotListener#onInterrupted} and never an empty
     * list; the watch recovers by itself.
     *
     * @throws IllegalArgumentException when the name is not a legal service name
     * @throws NullPointerException when the listener is null
     * @throws IllegalStateException when the registry is closed
     */
    Subscription watch(String service, SnapshotListener listener);

    /**
     * Reads a service once, waiting at most 3 s.
     *
     * @throws RegistryException when the registry gives no usable answer in time
     */
    ServiceSnapshot list(String service);

    /**
     * The names of the services that have at least one instance, waiting at most 3 s. For messages and tools, not for
     * calls. What others registered under a name that is none, and so can not be watched, is left out.
     *
     * @throws RegistryException when the registry gives no usable answer in time
     */
    Set<String> services();

    /**
     * Whether every instance comes from this JVM itself, so that loopback addresses are no surprise. False by default.
     */
    default boolean isInProcess() {
        return false;
    }
}
