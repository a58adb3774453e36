// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.route.Rule;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Where a call goes that a rule sends to one of its destinations, and what holds for it. One object for a rule and a destination
 * as long as its table is in force; immutable but for its counts, which outlive tables. Safe for any thread.
 */
public final class Lane {
    /** In {@link #fallback}: all instances of the service. */
    public static final int ANY = -1;

    private final Rule rule;
    private final int place;
    private final int subset;
    private final String subsetName;
    private final int[] fallback;
    private final int mirror;
    private final long timeoutNanos;
    private final boolean keyless;
    private final Counts counts;

    /** How many calls took a lane. */
    static final class Counts {
        final LongAdder calls = new LongAdder();
        final LongAdder keyless = new LongAdder();
    }

    Lane(Rule rule, int place, int subset, String subsetName, int[] fallback, int mirror, Counts counts) {
        this(rule, place, subset, subsetName, fallback, mirror, nanos(rule.timeout()), false, counts);
    }

    private Lane(
            Rule rule,
            int place,
            int subset,
            String subsetName,
            int[] fallback,
            int mirror,
            long timeoutNanos,
            boolean keyless,
            Counts counts) {
        this.rule = rule;
        this.place = place;
        this.subset = subset;
        this.subsetName = subsetName;
        this.fallback = fallback;
        this.mirror = mirror;
        this.timeoutNanos = timeoutNanos;
        this.keyless = keyless;
        this.counts = counts;
    }

    private static long nanos(@Nullable Duration timeout) {
        return timeout == null ? 0 : TimeUnit.NANOSECONDS.convert(timeout);
    }

    /** The same for calls that lack the key. */
    Lane withoutKey() {
        return new Lane(rule, place, subset, subsetName, fallback, mirror, timeoutNanos, true, counts);
    }

    /** The rule. */
    public Rule rule() {
        return rule;
    }

    /** The rule's number in its service, from 0; the default's is the number of rules. */
    public int place() {
        return place;
    }

    /** The number of the subset that was drawn, in the table. */
    public int subset() {
        return subset;
    }

    /** The name of the subset that was drawn. */
    public String subsetName() {
        return subsetName;
    }

    /** The numbers of the subsets that may answer in its place, in order; {@link #ANY} last. Not to be written to. */
    public int[] fallback() {
        return fallback;
    }

    /** The number of the subset that gets copies, or {@link #ANY} when none does. */
    public int mirror() {
        return mirror;
    }

    /** Longest time of a call, in nanoseconds; 0 when the rule says nothing. */
    public long timeoutNanos() {
        return timeoutNanos;
    }

    /** What is sent again; null when the rule says nothing. */
    public @Nullable Retries retries() {
        return rule.retries();
    }

    /** How many calls a second the rule allows; null for any number. */
    public @Nullable RateLimit rateLimit() {
        return rule.rateLimit();
    }

    /** Whether attempts after the first stay in the subset, although there is a fallback. */
    public boolean isPinned() {
        return rule.retryInSame();
    }

    /** Whether the call was not drawn, because it lacks the key by which the rule draws. */
    public boolean isKeyless() {
        return keyless;
    }

    /** Counts a call that takes it. */
    public void count() {
        counts.calls.increment();
        if (keyless) {
            counts.keyless.increment();
        }
    }

    /** Calls of its rule that went to its subset, since the two first stood in one table together. */
    public long calls() {
        return counts.calls.sum();
    }

    /** Those of {@link #calls} that lacked the key. */
    public long keyless() {
        return counts.keyless.sum();
    }

    Counts counts() {
        return counts;
    }

    /** As in {@code testers -> canary}. */
    @Override
    public String toString() {
        return rule.name() + " -> " + subsetName + (keyless ? " (without a key)" : "");
    }
}
