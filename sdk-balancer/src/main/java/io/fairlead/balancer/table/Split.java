// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Rule;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Divides the calls of a rule among its destinations: each in turn takes a call whose draw is below its share of what those
 * before it left; the last takes the rest. So raising one takes no key from it, lowering gives it none. Immutable.
 */
final class Split {
    private final Lane[] lanes;
    private final long[] salts;

    /** A draw below it takes the destination. */
    private final int[] thresholds;

    private final @Nullable StickyKey by;
    private final Lane withoutKey;
    private final @Nullable Ramp ramp;

    Split(Rule rule, Lane[] lanes, @Nullable Ramp ramp) {
        this.lanes = lanes;
        this.by = rule.by();
        this.ramp = ramp;
        this.withoutKey = lanes[lanes.length - 1].withoutKey();
        this.thresholds = thresholds(rule.to());
        this.salts = new long[lanes.length];
        for (int i = 0; i < lanes.length; i++) {
            salts[i] = Draw.salt(rule.seed(), lanes[i].subsetName());
        }
    }

    /** {@code draw < 1e6 w / rest} in whole numbers: the smallest number that is not below the fraction. */
    private static int[] thresholds(List<Destination> to) {
        int[] thresholds = new int[to.size()];
        long rest = 0;
        for (int i = to.size() - 1; i >= 0; i--) {
            long weight = to.get(i).scaledWeight();
            rest += weight;
            thresholds[i] = rest == 0 ? 0 : (int) ((Draw.ALL * weight + rest - 1) / rest);
        }
        return thresholds;
    }

    Lane draw(PickContext context, RandomGenerator random, long nowNanos) {
        Ramp running = ramp;
        if (running != null && !running.isOver(nowNanos)) {
            return running.draw(context, random, nowNanos);
        }
        if (lanes.length == 1) {
            return lanes[0];
        }
        long hash;
        if (by == null) {
            hash = random.nextLong();
        } else {
            String key = by.of(context);
            if (key == null) {
                return withoutKey;
            }
            hash = Draw.hash(key);
        }
        return drawn(hash);
    }

    private Lane drawn(long hash) {
        int last = lanes.length - 1;
        for (int i = 0; i < last; i++) {
            if (Draw.of(hash, salts[i]) < thresholds[i]) {
                return lanes[i];
            }
        }
        return lanes[last];
    }

    Lane[] lanes() {
        return lanes;
    }

    @Nullable
    Ramp ramp() {
        return ramp;
    }
}
