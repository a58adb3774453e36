// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.ServiceInstance;

/**
 * What a backend must be able to do for one registered instance; a {@code RegistrationLoop} decides when. Methods are
 * called one at a time, on a thread that may block, and must end by themselves within 3 s. Failures are
 * {@link io.fairlead.api.RegistryException}s; anything else counts as one.
 */
public interface RegistrationBackend {
    /**
     * Creates or replaces the record with this instance, its status included; idempotent. On return the registry has it.
     */
    void write(ServiceInstance instance);

    /**
     * Keeps the record alive and renews its status.
     *
     * @return false when the registry does not know the record any more, so that it is written again
     */
    boolean beat(ServiceInstance instance);

    /**
     * Reads the record back.
     *
     * @return false when it is absent or differs from this instance, so that it is written again
     */
    boolean isIntact(ServiceInstance instance);

    /** Takes the record away for good; fine when it is gone already. */
    void remove();

    /**
     * Takes what to run when the backend itself sees that the record is absent or differs; it is looked at, and repaired,
     * soon. Called once, before the first write; {@code look} is safe for any thread, and never blocks or throws.
     */
    default void onLost(Runnable look) {}
}
