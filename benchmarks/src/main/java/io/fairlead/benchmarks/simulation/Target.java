// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import java.util.List;

/**
 * A published or proven figure, and the tests that hold us to it besides the report's own rows. An immutable value.
 *
 * @param number its number in {@link Targets}, by which rows and decisions name it
 * @param what it says
 * @param tests as {@code module Class.method}, perhaps none
 * @param note what else is to be said, perhaps nothing
 */
record Target(int number, String what, List<String> tests, String note) {
    Target {
        tests = List.copyOf(tests);
    }

    static Target of(int number, String what, String... tests) {
        return new Target(number, what, List.of(tests), "");
    }

    Target noting(String text) {
        return new Target(number, what, tests, text);
    }
}
