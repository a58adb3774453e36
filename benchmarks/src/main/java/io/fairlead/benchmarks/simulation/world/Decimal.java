// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as text, the same everywhere. Stateless. */
public final class Decimal {
    private Decimal() {}

    public static String text(double value, int digits) {
        String plain =
                BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP).toPlainString();
        return plain.matches("-0(\\.0*)?") ? plain.substring(1) : plain;
    }
}
