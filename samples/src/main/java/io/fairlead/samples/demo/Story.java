// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What happens to the instances and when, in nanoseconds of the log's time: all well, one killed, one slowed, both back.
 *
 * @param killNanos when the victim is killed
 * @param slowNanos when the laggard is slowed
 * @param backNanos when both come back
 * @param endNanos when the load ends
 */
record Story(long killNanos, long slowNanos, long backNanos, long endNanos) {
    static final Duration SLOW_BY = Duration.ofMillis(300);

    /** The demo's: 10 s of each act, and 18 s to see both back. */
    static Story standard() {
        return new Story(seconds(10), seconds(20), seconds(30), seconds(48));
    }

    /** Plays it on the caller's thread. */
    void play(HttpInstance victim, HttpInstance laggard, CallLog log) throws IOException {
        awaitTime(log, killNanos);
        victim.kill();
        log.say(victim.id() + " is killed");
        awaitTime(log, slowNanos);
        laggard.slowBy(SLOW_BY);
        log.say(laggard.id() + " is slowed by " + SLOW_BY.toMillis() + " ms");
        awaitTime(log, backNanos);
        victim.revive();
        laggard.slowBy(Duration.ZERO);
        log.say(victim.id() + " and " + laggard.id() + " are back");
        awaitTime(log, endNanos);
    }

    /** The act at a moment, for people. */
    String act(long nanos) {
        if (nanos < killNanos) {
            return "all well";
        }
        if (nanos < slowNanos) {
            return "one killed";
        }
        return nanos < backNanos ? "one killed, one slow" : "both back";
    }

    private static void awaitTime(CallLog log, long nanos) {
        for (long left = nanos - log.now(); left > 0; left = nanos - log.now()) {
            LockSupport.parkNanos(left);
        }
    }

    private static long seconds(long count) {
        return TimeUnit.SECONDS.toNanos(count);
    }
}
