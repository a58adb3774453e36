// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * Slow start: the share of its weight an instance gets at a moment, rising linearly from a tenth (Envoy's curve with
 * aggression 1).
 *
 * @param sinceNanos when it began
 * @param lengthNanos how long it lasts; 0 means that it is over
 */
record Warmup(long sinceNanos, long lengthNanos) {
    static final Warmup NONE = new Warmup(0, 0);
    private static final double FLOOR = 0.1;

    double factor(long nowNanos) {
        long age = nowNanos - sinceNanos;
        return lengthNanos <= 0 || age >= lengthNanos ? 1 : Math.max(FLOOR, (double) age / lengthNanos);
    }
}
