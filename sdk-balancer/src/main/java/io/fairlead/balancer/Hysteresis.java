// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * What keeps dynamic weights from swinging with every measurement. An immutable value.
 *
 * @param enterWindows windows in a row that must ask for a higher level before it rises by one; default 2
 * @param exitWindows windows in a row that must ask for a lower level before it falls by one; default 3
 * @param exitRatio a level is left when latency and errors are below this part of where it begins, above 0 to 1;
 *     default 0.75
 * @param smoothing weight of a window beside the average of those before, above 0 to 1; default 0.4
 * @param relativeGuard latency raises a level only when it is at least this many times the peers' median; 1 or more, or 0
 *     to compare with nobody; default 1.5
 * @param maxReducedRatio when more than this part of the instances would be reduced, slowness raises nobody's level: the
 *     shares would come out the same; above 0 to 1; default 0.5
 */
public record Hysteresis(
        int enterWindows,
        int exitWindows,
        double exitRatio,
        double smoothing,
        double relativeGuard,
        double maxReducedRatio) {

    /** Rejects what lies outside the ranges. */
    public Hysteresis {
        if (enterWindows < 1 || exitWindows < 1) {
            throw new IllegalArgumentException("hysteresis windows: " + enterWindows + " to enter, " + exitWindows
                    + " to exit (expected: 1 or more)");
        }
        requireRatio("exitRatio", exitRatio);
        requireRatio("smoothing", smoothing);
        requireRatio("maxReducedRatio", maxReducedRatio);
        if (!(relativeGuard == 0 || relativeGuard >= 1)) {
            throw new IllegalArgumentException(
                    "hysteresis.relativeGuard: " + relativeGuard + " (expected: 1 or more, or 0 for none)");
        }
    }

    /** Two windows up, three down at three quarters, 1.5 times the peers' median, at most half. */
    public static Hysteresis defaults() {
        return new Hysteresis(2, 3, 0.75, 0.4, 1.5, 0.5);
    }

    /** This with another number of windows. */
    public Hysteresis withWindows(int enter, int exit) {
        return new Hysteresis(enter, exit, exitRatio, smoothing, relativeGuard, maxReducedRatio);
    }

    /** This with another ratio at which a level is left. */
    public Hysteresis withExitRatio(double value) {
        return new Hysteresis(enterWindows, exitWindows, value, smoothing, relativeGuard, maxReducedRatio);
    }

    /** This with another smoothing. */
    public Hysteresis withSmoothing(double value) {
        return new Hysteresis(enterWindows, exitWindows, exitRatio, value, relativeGuard, maxReducedRatio);
    }

    /** This with another guard; 0 for none. */
    public Hysteresis withRelativeGuard(double value) {
        return new Hysteresis(enterWindows, exitWindows, exitRatio, smoothing, value, maxReducedRatio);
    }

    /** This with another part of the instances that may be reduced. */
    public Hysteresis withMaxReducedRatio(double value) {
        return new Hysteresis(enterWindows, exitWindows, exitRatio, smoothing, relativeGuard, value);
    }

    private static void requireRatio(String name, double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException("hysteresis." + name + ": " + value + " (expected: above 0, up to 1)");
        }
    }
}
