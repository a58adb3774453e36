// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

/**
 * One thing that is wrong with a document.
 *
 * @param line where, from 1
 * @param column characters from the beginning of the line, from 1
 * @param path the part that is wrong, as in {@code services.orders.rules[2].to}; empty when it is no part
 * @param message what was found, what was expected, and the nearest right word where there is one
 */
public record DocumentProblem(int line, int column, String path, String message) {
    /** As in {@code 12:9: services.orders.rules[2].to: subset 'canry' (did you mean 'canary'? defined: canary, stable)}. */
    @Override
    public String toString() {
        return line + ":" + column + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
