// SPDX-License-Identifier: Apache-2.0
package io.fairlead.composite;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceSnapshot;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one source of a {@link CompositeWatch} said last. Belongs to the serial queue of the watch. */
final class CompositeSource {
    /** How long a silent source's last list is preferred to the next source. */
    static final Duration PREFERRED_STALE = Duration.ofSeconds(60);

    @Nullable
    ServiceSnapshot snapshot;

    @Nullable
    RegistryException interruption;

    long interruptedAtNanos;

    /** After an interruption it lists less than before, and has not confirmed it. */
    boolean suspect;

    /** Why the list to be told next must be heard as the first after an interruption; null when it must not. */
    @Nullable
    RegistryException healed;

    void heard(ServiceSnapshot next) {
        ServiceSnapshot before = snapshot;
        RegistryException cause = interruption;
        suspect = cause != null && before != null && lacks(next, before);
        healed = suspect ? cause : null;
        snapshot = next;
        interruption = null;
    }

    private static boolean lacks(ServiceSnapshot next, ServiceSnapshot before) {
        Set<String> ids = new HashSet<>();
        next.instances().forEach(instance -> ids.add(instance.id()));
        return before.instances().stream().anyMatch(instance -> !ids.contains(instance.id()));
    }

    boolean isConfirmed() {
        return interruption == null && !suspect;
    }

    boolean hasAnswered() {
        return snapshot != null || interruption != null;
    }

    boolean hasUsable() {
        ServiceSnapshot last = snapshot;
        return last != null
                && last.instances().stream()
                        .anyMatch(instance -> instance.status().isUsable());
    }

    boolean isPreferred(long nowNanos) {
        return interruption == null || nowNanos - interruptedAtNanos < PREFERRED_STALE.toNanos();
    }
}
