// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import io.fairlead.balancer.policy.StickyKey;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Matches a part of the calls. With a key the part is one of keys: equal keys are in it or out of it together, in every
 * process, and a larger part has all keys of a smaller one. It is independent of the part that a destination of the same
 * rule gets. A call without the key is not in it. Without {@code by} each call is drawn by itself. An immutable value.
 *
 * @param of 0 to 100, with at most four decimals
 * @param by where the key is, or null to draw each call by itself
 */
public record Percent(BigDecimal of, @Nullable StickyKey by) {
    static final long MOST = 100;

    /** 10, 10.0 and 1e1 are the same. */
    public Percent {
        of = Decimals.plain(of);
    }

    /** A part of the calls, each drawn by itself. */
    public static Percent of(String percent) {
        return new Percent(new BigDecimal(percent), null);
    }

    /** This, of keys. */
    public Percent by(StickyKey key) {
        return new Percent(of, key);
    }

    /** In millionths of all calls, of a part that was checked. */
    public int millionths() {
        return (int) Decimals.scaled(of);
    }

    /** As in {@code 10 % by header X-User-Id}. */
    @Override
    public String toString() {
        return of + " %" + (by == null ? "" : " by " + by);
    }
}
