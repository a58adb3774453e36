// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import java.util.Arrays;

/** What the instances of a benchmark weigh. */
final class Weights {
    private static final int MOST = 100;
    private static final int STEP = 37;

    private Weights() {}

    /** By the parameter's value: all 1, or 1 to 100 in a jumble. */
    static int[] of(String name, int size) {
        int[] weights = new int[size];
        switch (name) {
            case "equal" -> Arrays.fill(weights, 1);
            case "unequal" -> Arrays.setAll(weights, i -> 1 + i * STEP % MOST);
            default -> throw new IllegalArgumentException("weights: " + name + " (expected: equal or unequal)");
        }
        return weights;
    }
}
