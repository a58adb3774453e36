// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

/** How many times its fair share of what is in flight an instance may take. */
final class LoadFactor {
    static final double DEFAULT = 1.25;

    private LoadFactor() {}

    static double require(double value) {
        if (!(value > 1)) {
            throw new IllegalArgumentException("load factor: " + value + " (expected: above 1)");
        }
        return value;
    }
}
