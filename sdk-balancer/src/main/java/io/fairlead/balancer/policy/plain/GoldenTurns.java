// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

/**
 * Turns in proportion to any weights, in constant time and without a lock: each goes on around a {@link WeightCircle} by the
 * golden section of it, the sequence that fills a circle most evenly (Kronecker's; Knuth, volume 3, section 6.4), so that after
 * a few rounds everybody has had its part but for one or two turns. Immutable, safe for any thread.
 */
final class GoldenTurns implements TurnOrder {
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final WeightCircle circle;

    GoldenTurns(double[] weights) {
        this.circle = WeightCircle.of(weights);
    }

    @Override
    public int from(int sequence) {
        return circle.at(WeightCircle.point(sequence * GOLDEN));
    }
}
