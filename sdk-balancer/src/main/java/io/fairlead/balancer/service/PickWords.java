// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/**
 * What every pick reads of an instance and hardly anything writes. First in memory, so that it shares a cache line with
 * the object's header, which a pick reads anyway: of 10,000 instances hardly a line is in a cache.
 */
class PickWords {
    private volatile double effectiveWeight;
    /** Whether the guard or a limit may object, so that they must be asked; only then are their lines read. */
    private volatile boolean doubtful = true;

    /** Whether slow start holds it back, which most are not: only then is it asked how much. */
    private volatile boolean heldBack;

    /** What its weight comes to now, above 0. */
    public final double weight() {
        return effectiveWeight;
    }

    /** True when the weight changed. */
    final boolean setWeight(double weight) {
        boolean changed = weight != effectiveWeight;
        effectiveWeight = weight;
        return changed;
    }

    final boolean isHeldBack() {
        return heldBack;
    }

    final void setHeldBack(boolean value) {
        if (heldBack != value) {
            heldBack = value;
        }
    }

    final boolean isDoubtful() {
        return doubtful;
    }

    final void setDoubtful(boolean value) {
        if (doubtful != value) {
            doubtful = value;
        }
    }
}
