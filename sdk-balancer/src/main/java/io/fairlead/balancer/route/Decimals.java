// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.math.BigDecimal;

/** Numbers as people write them: 10, 10.0 and 1e1 are the same. */
final class Decimals {
    /** Decimals of a weight or a percentage. */
    static final int MOST = 4;

    private static final int LONGEST = 30;

    private Decimals() {}

    /** The one form of a number, without zeros behind; what is absurdly long stays as it is and is refused later. */
    static BigDecimal plain(BigDecimal value) {
        if (value.precision() > LONGEST || Math.abs((long) value.scale()) > LONGEST) {
            return value;
        }
        BigDecimal trimmed = value.stripTrailingZeros();
        return trimmed.scale() < 0 ? trimmed.setScale(0) : trimmed;
    }

    static boolean isWithin(BigDecimal value, long most) {
        return value.signum() >= 0 && value.compareTo(BigDecimal.valueOf(most)) <= 0;
    }

    /** Whether it has at most four decimals. */
    static boolean isShort(BigDecimal value) {
        return value.scale() <= MOST;
    }

    /** In ten-thousandths; of a number that is {@link #isShort} and small. */
    static long scaled(BigDecimal value) {
        return value.movePointRight(MOST).longValueExact();
    }
}
