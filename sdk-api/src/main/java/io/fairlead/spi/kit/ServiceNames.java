// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import io.fairlead.api.ServiceSnapshot;
import java.util.Optional;

/** Tells names of services from other words that stand in a registry. Stateless. */
public final class ServiceNames {
    private ServiceNames() {}

    /** A name as watches and snapshots spell it; empty when none can be watched under this word. */
    public static Optional<String> of(String word) {
        try {
            return Optional.of(ServiceSnapshot.empty(word, 0).service());
        } catch (IllegalArgumentException noName) {
            return Optional.empty();
        }
    }
}
