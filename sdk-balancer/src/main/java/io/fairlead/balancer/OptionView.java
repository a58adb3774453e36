// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One option as it holds, for people: its value, and where that comes from. An immutable value.
 *
 * @param service the service that set it; null when it holds for the whole or for every service
 * @param name of the option, as in {@code slowStart}
 * @param value what holds, in words; never a secret of ours, but what a policy or a guard of a user's says of itself
 * @param origin where it comes from
 * @param standard what would hold if nobody had set it
 */
public record OptionView(@Nullable String service, String name, String value, Origin origin, String standard) {
    /** Where a value comes from. */
    public enum Origin {
        /** The service has it for itself. */
        SERVICE,
        /** It was set for the whole, or for every service. */
        COMMON,
        /** Nobody set it. */
        DEFAULT
    }

    /** As in {@code orders.policy=random (service; default adaptive)}. */
    @Override
    public String toString() {
        String key = service == null ? name : service + "." + name;
        return key + "=" + value + " (" + origin.name().toLowerCase(Locale.ROOT)
                + (value.equals(standard) ? ")" : "; default " + standard + ")");
    }
}
