// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.PickContext;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among the candidates of one list. Called by any number of threads at once on the hot path: no lock, no
 * allocation, no blocking.
 */
@FunctionalInterface
public interface Picker {
    /**
     * An instance that accepts this call, or null when none does. A picker must find an accepting candidate when there is
     * one: what it draws may be refused ({@link Candidate#accepts}), and then it tries others.
     *
     * @param nowNanos the ticker's time, read once per attempt
     */
    @Nullable
    Candidate pick(PickContext context, long nowNanos);

    /** What it goes by when it looks at one of its candidates, for people; by default that it shows nothing. */
    default PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
        return PickFigure.none("the policy shows no figure");
    }
}
