// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What a picker goes by when it looks at one candidate, for people who ask why. An immutable value.
 *
 * @param words what the value is, with its unit, as in {@code cost in ms}; or, when there is none, why not
 * @param value never NaN; empty when there is nothing to show
 */
public record PickFigure(String words, OptionalDouble value) {

    /** Rejects a value that is not a number. */
    public PickFigure {
        if (value.isPresent() && Double.isNaN(value.getAsDouble())) {
            throw new IllegalArgumentException(
                    words + ": NaN (expected: a number, or no value and the reason in words)");
        }
    }

    /** A value, and what it is. */
    public static PickFigure of(String words, double value) {
        return new PickFigure(words, OptionalDouble.of(value));
    }

    /** No value, and why. */
    public static PickFigure none(String reason) {
        return new PickFigure(reason, OptionalDouble.empty());
    }

    /** As in {@code cost in ms 1.25}; the words alone when there is no value. */
    @Override
    public String toString() {
        return value.isPresent() ? words + String.format(Locale.ROOT, " %.3g", value.getAsDouble()) : words;
    }
}
