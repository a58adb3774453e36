// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls that come at a rate, whatever becomes of them. An immutable value.
 *
 * @param kind the rhythm
 * @param stretches rates by time, in order; the last one lasts to the end
 * @param randomClient whether each call comes from a client drawn at random instead of one after another
 */
public record Paced(Kind kind, List<Stretch> stretches, boolean randomClient) implements Arrivals {

    enum Kind {
        UNIFORM,
        POISSON
    }

    /** Calls a second from a moment on. */
    record Stretch(double fromSeconds, double perSecond) {}

    /** From a moment on, another rate. */
    Paced then(double fromSeconds, double perSecond) {
        List<Stretch> more = new ArrayList<>(stretches);
        more.add(new Stretch(fromSeconds, perSecond));
        return new Paced(kind, List.copyOf(more), randomClient);
    }

    /** This rhythm with clients at random, or one after another. */
    Paced fromRandomClients(boolean random) {
        return new Paced(kind, stretches, random);
    }

    @Override
    public double perSecond() {
        return stretches.get(0).perSecond();
    }

    /** Nanoseconds to the next call. */
    public long gapNanos(long nowNanos, SplitMix random) {
        double rate = perSecond();
        for (Stretch stretch : stretches) {
            if (nowNanos >= Millis.secondsToNanos(stretch.fromSeconds())) {
                rate = stretch.perSecond();
            }
        }
        double mean = 1e9 / rate;
        return Math.max(1, Math.round(kind == Kind.UNIFORM ? mean : -StrictMath.log(random.nextUnit()) * mean));
    }
}
