// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/** What a registry says of one instance's health. Client-side ejection is a separate matter and never stands here. */
public enum InstanceStatus {
    /** All checks pass. */
    PASSING,
    /** A check warns: still used, usually at a lower weight. */
    WARNING,
    /** A check fails, or has not reported yet: used only when too few others are left. */
    CRITICAL,
    /** On its way out by its own wish: no new calls; calls in flight may finish. */
    DRAINING;

    /** True when ordinary calls may be sent here ({@link #PASSING} and {@link #WARNING}). */
    public boolean isUsable() {
        return this == PASSING || this == WARNING;
    }
}
