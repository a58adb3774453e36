// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.math.BigDecimal;

/**
 * A subset that calls of a rule go to, and its share of them. An immutable value.
 *
 * @param subset the name of the subset
 * @param weight its part of the rule's calls, relative to the other destinations': 0 to 1,000,000 with at most four decimals;
 *     of calls, however many instances the subset has
 */
public record Destination(String subset, BigDecimal weight) {
    static final long MOST = 1_000_000;

    /** 10, 10.0 and 1e1 are the same weight. */
    public Destination {
        weight = Decimals.plain(weight);
    }

    /** A destination with a whole weight. */
    public static Destination of(String subset, long weight) {
        return new Destination(subset, BigDecimal.valueOf(weight));
    }

    /** A destination with a weight as people write it, {@code 0.5}. */
    public static Destination of(String subset, String weight) {
        return new Destination(subset, new BigDecimal(weight));
    }

    /** The weight in ten-thousandths, of a destination that was checked. */
    public long scaledWeight() {
        return Decimals.scaled(weight);
    }

    /** As in {@code canary 10}. */
    @Override
    public String toString() {
        return subset + " " + weight;
    }
}
