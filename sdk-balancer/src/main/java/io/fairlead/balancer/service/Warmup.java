// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.SlowStart;

/**
 * One slow start: the share of its weight an instance gets at a moment.
 *
 * @param sinceNanos when it began
 * @param lengthNanos how long it lasts; 0 means that it is over
 * @param curve how the share grows
 */
record Warmup(long sinceNanos, long lengthNanos, SlowStart curve) {
    static final Warmup NONE = new Warmup(0, 0, SlowStart.off());

    double factor(long nowNanos) {
        return lengthNanos <= 0 ? 1 : curve.factor(nowNanos - sinceNanos, lengthNanos);
    }
}
