// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One option: its name, what holds when nobody sets it, and how a value is shown to people.
 *
 * @param <T> its values, which are immutable
 */
record Option<T>(String name, Supplier<T> standard, Function<T, String> text) {
    Option(String name, Supplier<T> standard) {
        this(name, standard, String::valueOf);
    }
}
