// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * Adaptive throttling of a service that sheds load (the formula of Google's SRE book, "Handling Overload"): of the calls of
 * the last 30 s, a share max(0, (calls − k·accepted) / (calls + 1)) is rejected on this side, so that what is sent is at
 * most k times what the service takes. Only 429, 503, refused streams and timeouts are signs of overload. Off unless asked
 * for. An immutable value, safe for any thread.
 *
 * <p>A call counts when its answer is known, and as made and not accepted once it has waited for one to two tenths of the
 * window (3 to 6 s); before, it is not judged. So the first calls of a client, whose answers are all still to come, are not
 * taken for rejected ones, and a service that hangs is noticed before its calls time out. Nothing is rejected before ten calls of the
 * window have been judged: after fewer, one unlucky answer would make the next rejections, which count as calls, prove
 * themselves right. A call that its caller gave up does not count.
 *
 * <p>Not for a service with few callers and hard errors: that is what guards and the retry budget are for.
 */
public final class Throttle {
    private final double k;
    private final Duration window;

    private Throttle(double k, Duration window) {
        this.k = k;
        this.window = window;
    }

    /** k = 2 over 30 s: one call rejected by the service for each it takes. */
    public static Throttle defaults() {
        return new Throttle(2, Duration.ofSeconds(30));
    }

    /** This throttle with another k, from 1 to 10: how many calls are sent for each one taken; default 2. */
    public Throttle withK(double value) {
        if (!(value >= 1 && value <= 10)) {
            throw new IllegalArgumentException("throttle k: " + value + " (expected: 1..10)");
        }
        return new Throttle(value, window);
    }

    /** This throttle with another memory, from 1 s to 10 min; default 30 s. */
    public Throttle withWindow(Duration value) {
        if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException("throttle window: " + value + " (expected: 1 s..10 min)");
        }
        return new Throttle(k, value);
    }

    /** How many calls are sent for each one taken. */
    public double k() {
        return k;
    }

    /** How far back it looks. */
    public Duration window() {
        return window;
    }
}
