// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.List;

/** A regular expression as a tree. */
sealed interface Expression {
    /** The empty text. */
    record Nothing() implements Expression {}

    /** One unit of a set. */
    record Unit(CharSet set) implements Expression {}

    /** One after the other. */
    record All(List<Expression> parts) implements Expression {}

    /** One of them. */
    record Any(List<Expression> parts) implements Expression {}

    /** From {@code least} to {@code most} times, or without end when {@code most} is {@link #ENDLESS}. */
    record Repeat(Expression part, int least, int most) implements Expression {
        static final int ENDLESS = -1;
    }
}
