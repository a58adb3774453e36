// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/**
 * Counts recent calls. Lock-free and without allocation; a count read while others record may lag by what they are just
 * recording, and is exact when they have finished.
 */
interface SlidingWindow {
    /** Counts one call; true when the totals are worth judging: something in the window went badly. */
    boolean record(boolean failed, boolean slow, long nowNanos);

    /** For how long from now a success may be counted elsewhere; 0 when each must be recorded. */
    long unreportedNanos(long nowNanos);

    /** What the window holds now. A read: changes nothing. */
    Totals totals(long nowNanos);

    /**
     * What a window holds.
     *
     * @param calls all calls
     * @param failed of them, those that failed
     * @param slow of them, those that were slow
     */
    record Totals(int calls, int failed, int slow) {
        static final Totals NONE = new Totals(0, 0, 0);

        Totals plus(Totals other) {
            return new Totals(calls + other.calls, failed + other.failed, slow + other.slow);
        }

        String describe() {
            String failures = failed + " of " + calls + " calls failed";
            return slow == 0 ? failures : failures + ", " + slow + " were slow";
        }
    }
}
