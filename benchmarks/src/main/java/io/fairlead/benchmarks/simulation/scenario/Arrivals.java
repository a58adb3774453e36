// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import java.util.List;

/** When calls come, and from which client. Immutable. */
public sealed interface Arrivals permits Paced, ClosedLoop, Trace {
    /** Calls a second: the first rate, the mean of a trace, or what closed loops make when answers take no time. */
    double perSecond();

    static Paced uniform(double perSecond) {
        return new Paced(Paced.Kind.UNIFORM, List.of(new Paced.Stretch(0, perSecond)), false);
    }

    static Paced poisson(double perSecond) {
        return new Paced(Paced.Kind.POISSON, List.of(new Paced.Stretch(0, perSecond)), true);
    }
}
