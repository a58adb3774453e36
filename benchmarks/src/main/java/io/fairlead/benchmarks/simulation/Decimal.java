// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as text, the same everywhere. Stateless. */
final class Decimal {
    private Decimal() {}

    static String text(double value, int digits) {
        String plain =
                BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP).toPlainString();
        return plain.matches("-0(\\.0*)?") ? plain.substring(1) : plain;
    }
}
