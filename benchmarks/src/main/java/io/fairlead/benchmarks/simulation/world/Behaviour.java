// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

/**
 * How a server treats the calls that arrive during a stretch of time. An immutable value.
 *
 * @param kind what happens to a call
 * @param status HTTP status of its failures
 * @param errorRatio share of calls that end with that status although they did their work
 * @param delayNanos time to a failure that costs no work
 */
public record Behaviour(Kind kind, int status, double errorRatio, long delayNanos) {

    public enum Kind {
        /** Does the work. */
        SERVES,
        /** Takes the call and never answers. */
        SWALLOWS,
        /** Does so with a share of the calls, and serves the others. */
        LOSES,
        /** Answers with an error at once, doing no work. */
        FAILS_FAST,
        /** Refuses the connection. */
        REFUSES
    }

    public static final Behaviour SERVES = new Behaviour(Kind.SERVES, 200, 0, 0);
    public static final Behaviour SWALLOWS = new Behaviour(Kind.SWALLOWS, 0, 0, 0);
    public static final Behaviour REFUSES = new Behaviour(Kind.REFUSES, 0, 0, Millis.toNanos(0.2));

    public static Behaviour failsFast(int status, double afterMillis) {
        return new Behaviour(Kind.FAILS_FAST, status, 1, Millis.toNanos(afterMillis));
    }

    /** Works, but a share of the calls never arrives. */
    public static Behaviour loses(double ratio) {
        return new Behaviour(Kind.LOSES, 0, ratio, 0);
    }

    /** Works, and fails a share of the calls at the end. */
    public static Behaviour fails(double ratio, int status) {
        return new Behaviour(Kind.SERVES, status, ratio, 0);
    }
}
