// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The time during which the calls of a rule move from the shares that it had to those it is to have. Shares move linearly, so
 * that each conditional share, a fraction of two linear ones, moves one way only: no key goes back and forth. A destination
 * that is there no longer fades at the place it had, so that no key moves at once. Only where destinations change places do keys
 * move with the order. Immutable; reads no clock.
 */
final class Ramp {
    private final long beginNanos;
    private final long nanos;
    private final @Nullable StickyKey by;

    /** The rule's destinations in order, and among them those that fade. */
    private final Lane[] lanes;

    private final long[] salts;
    private final double[] from;
    private final double[] to;

    /** Sums of the shares from a place to the end. */
    private final double[] fromRest;

    private final double[] toRest;

    /** Where calls without a key went, and where they are to go. */
    private final Lane keylessFrom;

    private final Lane keylessTo;

    private Ramp(Rule rule, Lane[] lanes, double[] from, Lane keylessFrom, long beginNanos) {
        this.beginNanos = beginNanos;
        this.nanos = rule.ramp().toNanos();
        this.by = rule.by();
        this.lanes = lanes;
        this.from = from;
        this.to = new double[lanes.length];
        double[] shares = shares(rule.to());
        Lane last = lanes[0];
        for (int i = 0; i < shares.length; i++) {
            int at = place(lanes, rule.to().get(i).subset());
            to[at] = shares[i];
            last = lanes[at];
        }
        this.fromRest = rests(from);
        this.toRest = rests(to);
        this.keylessFrom = keylessFrom.withoutKey();
        this.keylessTo = last.withoutKey();
        this.salts = new long[lanes.length];
        for (int i = 0; i < lanes.length; i++) {
            salts[i] = Draw.salt(rule.seed(), lanes[i].subsetName());
        }
    }

    /**
     * From what a rule's calls had at a moment to what it says now.
     *
     * @param had shares by the names of subsets that are still defined
     * @param lanes the rule's lanes in order, and at its place one for each other subset in {@code had}
     */
    static Ramp of(Rule rule, Lane[] lanes, Map<String, Double> had, String keylessBefore, long nowNanos) {
        double sum = had.values().stream().mapToDouble(Double::doubleValue).sum();
        double[] from = new double[lanes.length];
        Lane keylessFrom =
                lanes[place(lanes, rule.to().get(rule.to().size() - 1).subset())];
        for (int i = 0; i < lanes.length; i++) {
            from[i] = had.getOrDefault(lanes[i].subsetName(), 0.0) / sum;
            keylessFrom = lanes[i].subsetName().equals(keylessBefore) ? lanes[i] : keylessFrom;
        }
        return new Ramp(rule, lanes, from, keylessFrom, nowNanos);
    }

    /** This, which goes on in a table that says the same of the rule. */
    Ramp goingOn(Rule rule, Lane[] same) {
        Lane before = same[0];
        for (Lane lane : same) {
            before = lane.subsetName().equals(keylessFrom.subsetName()) ? lane : before;
        }
        return new Ramp(rule, same, from, before, beginNanos);
    }

    private static int place(Lane[] lanes, String subset) {
        int place = 0;
        while (!lanes[place].subsetName().equals(subset)) {
            place++;
        }
        return place;
    }

    static double[] shares(List<Destination> to) {
        double sum = to.stream().mapToDouble(Destination::scaledWeight).sum();
        return to.stream().mapToDouble(each -> each.scaledWeight() / sum).toArray();
    }

    private static double[] rests(double[] shares) {
        double[] rests = new double[shares.length];
        double rest = 0;
        for (int i = shares.length - 1; i >= 0; i--) {
            rest += shares[i];
            rests[i] = rest;
        }
        return rests;
    }

    boolean isOver(long nowNanos) {
        return nowNanos - beginNanos >= nanos;
    }

    Lane draw(PickContext context, RandomGenerator random, long nowNanos) {
        double progress = progress(nowNanos);
        long hash;
        if (by == null) {
            hash = random.nextLong();
        } else {
            String key = by.of(context);
            if (key == null) {
                return keylessFrom.subset() == keylessTo.subset() || random.nextDouble() < progress
                        ? keylessTo
                        : keylessFrom;
            }
            hash = Draw.hash(key);
        }
        int last = lanes.length - 1;
        for (int i = 0; i < last; i++) {
            double share = between(from[i], to[i], progress);
            double rest = between(fromRest[i], toRest[i], progress);
            if (Draw.of(hash, salts[i]) * rest < Draw.ALL * share) {
                return lanes[i];
            }
        }
        return lanes[last];
    }

    /** What each subset has at a moment, all of them together 1. */
    Map<String, Double> shares(long nowNanos) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (int i = 0; i < lanes.length; i++) {
            shares.put(lanes[i].subsetName(), between(from[i], to[i], progress(nowNanos)));
        }
        return shares;
    }

    Lane[] lanes() {
        return lanes;
    }

    private double progress(long nowNanos) {
        return Math.max(0, Math.min(1, (double) (nowNanos - beginNanos) / nanos));
    }

    private static double between(double from, double to, double progress) {
        return from + (to - from) * progress;
    }
}
