// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoublePredicate;

/** Reads the log after the fact: the table, and whether the promises held. */
final class Report {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long NEVER = -1;
    private static final double SMALL_SHARE = 0.05;
    private static final double MUCH = 1.35;

    /**
     * A promise and what was seen.
     *
     * @param text the promise
     * @param seen the figure
     * @param held whether it held
     */
    record Promise(String text, String seen, boolean held) {}

    private final CallLog log;
    private final Story story;
    private final String victim;
    private final String laggard;
    private final double fairShare;

    Report(CallLog log, Story story, String victim, String laggard, int instances) {
        this.log = log;
        this.story = story;
        this.victim = victim;
        this.laggard = laggard;
        this.fairShare = 1.0 / instances;
    }

    /** Every promise, in a fixed order. */
    List<Promise> promises() {
        List<Promise> promises = new ArrayList<>();
        long failed = failed(0, story.endNanos());
        promises.add(new Promise("no call fails", failed + " failed", failed == 0));
        long moved = untilShare(laggard, story.slowNanos(), story.backNanos(), share -> share <= SMALL_SHARE);
        double later = log.share(laggard, story.slowNanos() + 5 * SECOND, story.backNanos());
        promises.add(new Promise(
                "the slow instance gets ≤ 5 % of picks within 5 s",
                "after " + seconds(moved) + ", " + percent(later) + " from then on",
                moved != NEVER && moved <= 5 * SECOND && later <= SMALL_SHARE));
        long bothBack = story.backNanos();
        for (String revived : List.of(victim, laggard)) {
            long back = untilShare(revived, story.backNanos(), story.endNanos(), share -> share >= fairShare / 2);
            promises.add(new Promise(
                    revived + " gets half its fair share within 15 s of its return",
                    "after " + seconds(back),
                    back != NEVER && back <= 15 * SECOND));
            bothBack = back == NEVER ? story.endNanos() : Math.max(bothBack, story.backNanos() + back);
        }
        int longest = secondsWithMuch(bothBack, story.endNanos());
        promises.add(new Promise(
                "once both are back, nobody has more than 1.35 times its share for more than 2 s",
                "at most " + longest + " s in a row",
                longest <= 2));
        return promises;
    }

    /** For how many seconds in a row anybody had far more than its share. */
    private int secondsWithMuch(long from, long to) {
        Map<String, Integer> running = new HashMap<>();
        int longest = 0;
        for (long at = from; at + SECOND <= to; at += SECOND) {
            Map<String, Integer> before = running;
            running = new HashMap<>();
            for (CallLog.Pick pick : log.picks(at, at + SECOND)) {
                String instance = pick.instance();
                if (!running.containsKey(instance) && log.share(instance, at, at + SECOND) > MUCH * fairShare) {
                    running.put(instance, before.getOrDefault(instance, 0) + 1);
                    longest = Math.max(longest, running.get(instance));
                }
            }
        }
        return longest;
    }

    /** The table for people. */
    String table() {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                Locale.ROOT, "%-34s%12s%12s%12s%12s%n", "", "before", "one killed", "one slow", "both back"));
        long[] bounds = {2 * SECOND, story.killNanos(), story.slowNanos(), story.backNanos(), story.endNanos()};
        row(table, "calls offered", bounds, calls -> String.valueOf(calls.size()));
        row(table, "calls failed", bounds, calls -> String.valueOf(failures(calls)));
        row(table, "p50 ms", bounds, calls -> millis(CallLog.percentileMillis(calls, 0.50)));
        row(table, "p99 ms", bounds, calls -> millis(CallLog.percentileMillis(calls, 0.99)));
        row(table, "slowest ms", bounds, calls -> millis(CallLog.percentileMillis(calls, 1)));
        table.append(String.format(
                Locale.ROOT,
                "%-34s%12s%12s%12s%12s%n",
                "traffic moved after",
                "",
                seconds(untilShare(victim, story.killNanos(), story.slowNanos(), share -> share <= SMALL_SHARE)),
                seconds(untilShare(laggard, story.slowNanos(), story.backNanos(), share -> share <= SMALL_SHARE)),
                ""));
        return table.toString();
    }

    long failed(long from, long to) {
        return failures(log.calls(from, to));
    }

    /**
     * Nanoseconds from {@code from} until the instance's share of the picks of the following second satisfies
     * {@code wanted}; {@link #NEVER} when it does not before {@code to}.
     */
    private long untilShare(String instance, long from, long to, DoublePredicate wanted) {
        for (long at = from; at + SECOND <= to; at += STEP) {
            if (!log.picks(at, at + SECOND).isEmpty() && wanted.test(log.share(instance, at, at + SECOND))) {
                return at - from;
            }
        }
        return NEVER;
    }

    private interface Cell {
        String of(List<CallLog.Call> calls);
    }

    private void row(StringBuilder table, String name, long[] bounds, Cell cell) {
        table.append(String.format(Locale.ROOT, "%-34s", name));
        for (int i = 0; i + 1 < bounds.length; i++) {
            table.append(String.format(Locale.ROOT, "%12s", cell.of(log.calls(bounds[i], bounds[i + 1]))));
        }
        table.append(System.lineSeparator());
    }

    private static long failures(List<CallLog.Call> calls) {
        return calls.stream().filter(call -> call.failure() != null).count();
    }

    private static String millis(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    private static String seconds(long nanos) {
        return nanos == NEVER ? "never" : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
