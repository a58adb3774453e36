// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * Adaptive throttling of a service that sheds load (the formula of Google's SRE book, "Handling Overload"): of the calls of
 * the last 30 s, a share max(0, (calls − k·accepted) / (calls + 1)) is rejected on this side, so that what is sent is at
 * most k times what the service takes. Only 429, 503, refused streams and timeouts are signs of overload. Off unless asked
 * for. An immutable value.
 *
 * <p>A call counts when its answer is known, and as made and not accepted once it has waited for one to two tenths of the
 * window (3 to 6 s); before, it is not judged. So the first calls of a client, whose answers are all still to come, are not
 * taken for rejected ones, and a service that hangs is noticed before its calls time out. Nothing is rejected before ten
 * calls of the window have been judged: after fewer, one unlucky answer would make the next rejections, which count as
 * calls, prove themselves right. A call that its caller gave up does not count.
 *
 * <p>Not for a service with few callers and hard errors: that is what guards and the retry budget are for.
 *
 * @param k how many calls are sent for each one taken, from 1 to 10; default 2; infinity when off
 * @param window how far back it looks, from 1 s to 10 min; default 30 s
 */
public record Throttle(double k, Duration window) {
    private static final Throttle DEFAULTS = new Throttle(2, Duration.ofSeconds(30));
    private static final Throttle OFF = DEFAULTS.withK(Double.POSITIVE_INFINITY);

    /** Rejects what lies outside the ranges. */
    public Throttle {
        Option.require(
                k >= 1 && k <= 10 || k == Double.POSITIVE_INFINITY, "throttle.k", k, "1..10, or infinity for off");
        Option.require(
                window.compareTo(Duration.ofSeconds(1)) >= 0 && window.compareTo(Duration.ofMinutes(10)) <= 0,
                "throttle.window",
                window,
                "1 s..10 min");
    }

    /** k = 2 over 30 s: one call rejected by the service for each it takes. */
    public static Throttle defaults() {
        return DEFAULTS;
    }

    /** Every call is sent. */
    public static Throttle off() {
        return OFF;
    }

    /** This throttle with another k. */
    public Throttle withK(double value) {
        return new Throttle(value, window);
    }

    /** This throttle with another memory. */
    public Throttle withWindow(Duration value) {
        return new Throttle(k, value);
    }

    /** Whether it rejects nothing. */
    public boolean isOff() {
        return k == Double.POSITIVE_INFINITY;
    }

    /** As in {@code k 2.0 over PT30S}. */
    @Override
    public String toString() {
        return isOff() ? "off" : "k " + k + " over " + window;
    }
}
