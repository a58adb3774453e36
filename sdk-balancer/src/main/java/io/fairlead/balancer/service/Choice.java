// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import java.util.Arrays;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a call needs to pick, published as one immutable object: tiers in order of preference, and every instance that
 * may be used when none of a tier will do. {@link Explainer} says of one instance what {@link #pick} and {@link #lastResort}
 * do with all.
 */
final class Choice {
    private static final InstanceState[] NONE = new InstanceState[0];
    private static final int LOOKS = 4;
    private static final int RELUCTANCE = 7;
    static final Choice NOTHING = new Choice(new Tier[0], NONE, NONE, false);
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final Tier[] tiers;
    private final InstanceState[] ejected;
    private final InstanceState[] all;
    private final boolean panic;

    /**
     * A choice.
     *
     * @param tiers in order of preference
     * @param ejected usable by the registry but out by our own decision: waiting for probes, in no tier
     * @param all every instance that may be used when no other will do: registry-critical and guarded ones too
     * @param panic whether so few are usable that all are used
     */
    Choice(Tier[] tiers, InstanceState[] ejected, InstanceState[] all, boolean panic) {
        this.tiers = tiers;
        this.ejected = ejected;
        this.all = all;
        this.panic = panic;
    }

    boolean panic() {
        return panic;
    }

    /** The tier of this index, or null when it has no instance to choose. */
    @Nullable
    Tier tier(int index) {
        for (Tier tier : tiers) {
            if (tier.index() == index) {
                return tier;
            }
        }
        return null;
    }

    /** In order of preference; not to be written to. */
    Tier[] tiers() {
        return tiers;
    }

    /** Out by our own decision, in no tier; not to be written to. */
    InstanceState[] ejected() {
        return ejected;
    }

    /** Whether somebody may wait for a probe. */
    boolean hasEjected() {
        return ejected.length > 0;
    }

    /**
     * An ejected instance whose turn it is to be probed by a live call, or null. Looks at a few only, from a place that moves
     * with time, so that many ejected instances cost a call no more than one. Every call that may be sent again elsewhere is
     * used as a probe; of the others one in eight, or a service with no other calls would never recover.
     */
    @Nullable
    InstanceState dueProbe(PickContext context, long nowNanos) {
        int start = (int) (nowNanos >>> 10);
        if ((start & RELUCTANCE) != 0 && !isSafe(context.method())) {
            return null;
        }
        int looks = Math.min(LOOKS, ejected.length);
        for (int i = 0; i < looks; i++) {
            InstanceState state = ejected[Math.floorMod(start + i, ejected.length)];
            if (state.isProbeDue(context, nowNanos)) {
                return state;
            }
        }
        return null;
    }

    /** What a choice by another policy begins with: no pickers. */
    Choice withoutTiers() {
        return new Choice(new Tier[0], ejected, all, panic);
    }

    /** This choice with other pickers. */
    Choice over(Function<Tier, Picker> pickers) {
        Tier[] others = Arrays.stream(tiers)
                .map(tier -> new Tier(tier.index(), tier.percent(), pickers.apply(tier), tier.instances()))
                .toArray(Tier[]::new);
        return new Choice(others, ejected, all, panic);
    }

    private static boolean isSafe(@Nullable String method) {
        return method == null || method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
    }

    /** An instance that accepts the call, or null when none does. */
    @Nullable
    Candidate pick(PickContext context, long nowNanos, RandomGenerator random) {
        if (tiers.length == 1) {
            return tiers[0].picker().pick(context, nowNanos);
        }
        return tiers.length == 0 ? null : pickByLoad(context, nowNanos, random);
    }

    private @Nullable Candidate pickByLoad(PickContext context, long nowNanos, RandomGenerator random) {
        Tier drawn = draw(context, random);
        Candidate found = drawn.picker().pick(context, nowNanos);
        for (int i = 0; found == null && i < tiers.length; i++) {
            if (tiers[i] != drawn && tiers[i].percent() > 0) {
                found = tiers[i].picker().pick(context, nowNanos);
            }
        }
        for (int i = 0; found == null && i < tiers.length; i++) {
            if (tiers[i] != drawn && tiers[i].percent() == 0) {
                found = tiers[i].picker().pick(context, nowNanos);
            }
        }
        return found;
    }

    /** A tier by its load; equal keys draw the same one. */
    private Tier draw(PickContext context, RandomGenerator random) {
        Tier first = tiers[0];
        if (first.percent() == 100) {
            return first;
        }
        String key = context.hashKey();
        long bits = key == null ? random.nextLong() : key.hashCode() * GOLDEN;
        int call = (int) ((bits >>> 32) * 100 >>> 32);
        for (Tier tier : tiers) {
            call -= tier.percent();
            if (call < 0) {
                return tier;
            }
        }
        return first;
    }

    /**
     * An instance the call has not tried, whatever its guard says: better than no instance. Those of the tiers come first;
     * the search starts anywhere, so that the load spreads.
     */
    @Nullable
    InstanceState lastResort(PickContext context, int start) {
        InstanceState found = inTiers(context, start);
        if (found == null) {
            found = search(ejected, context, start);
        }
        return found != null ? found : search(all, context, start);
    }

    private @Nullable InstanceState inTiers(PickContext context, int start) {
        InstanceState found = null;
        for (int i = 0; found == null && i < tiers.length; i++) {
            found = search(tiers[i].instances(), context, start);
        }
        return found;
    }

    /** As {@link #hasUntried}, of those that pickers choose from. */
    boolean hasUntriedInTiers(PickContext context) {
        return inTiers(context, 0) != null;
    }

    /** Whether there is an instance that the call has not tried and that has room. */
    boolean hasUntried(PickContext context) {
        return lastResort(context, 0) != null;
    }

    /** Whether an instance could take the call but for its concurrency limit. */
    boolean isFull(PickContext context) {
        for (InstanceState state : all) {
            if (!context.excludes(state.instance()) && !state.gate().hasRoom()) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable InstanceState search(InstanceState[] states, PickContext context, int start) {
        for (int i = 0; i < states.length; i++) {
            InstanceState state = states[Math.floorMod(start + i, states.length)];
            if (!context.excludes(state.instance()) && state.gate().hasRoom()) {
                return state;
            }
        }
        return null;
    }

    /**
     * Instances that are equally preferred, and the picker that chooses among them.
     *
     * @param index place in the order of preference, from 0
     * @param percent of all calls that come here first
     * @param picker over the instances
     * @param instances at least one
     */
    record Tier(int index, int percent, Picker picker, InstanceState[] instances) {}
}
