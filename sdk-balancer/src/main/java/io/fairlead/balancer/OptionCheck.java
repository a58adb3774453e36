// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/** One style of message for every option: {@code slowStart.floor: 2.0 (expected: above 0, up to 1)}. */
final class OptionCheck {
    private OptionCheck() {}

    /**
     * Refuses a value that does not hold.
     *
     * @param name option and part, as in {@code slowStart.floor}
     * @param expected what would do
     */
    static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
