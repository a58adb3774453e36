// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Calls of the last N buckets of time. Each bucket has two words, one for calls and one for failures and slow calls; both
 * carry the number of the bucket's turn, so the first count of a new turn is also the reset, one compare-and-set, and
 * nobody rotates anything. A clock that steps back counts into the newest bucket seen.
 *
 * <p>A good call is one atomic addition, made before it is known whether the word is of this turn: looking first would
 * fetch the cache line twice when threads contend. What was added to a word of an old turn vanishes in its reset.
 */
final class TimeWindow implements SlidingWindow {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final AtomicLongFieldUpdater<TimeWindow> HEAD =
            AtomicLongFieldUpdater.newUpdater(TimeWindow.class, "head");
    private static final AtomicIntegerFieldUpdater<TimeWindow> LAST_BAD =
            AtomicIntegerFieldUpdater.newUpdater(TimeWindow.class, "lastBad");

    private static final AtomicLongFieldUpdater<TimeWindow> SETTLED =
            AtomicLongFieldUpdater.newUpdater(TimeWindow.class, "settled");

    private static final int INDEX_BITS = 8;
    private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;
    /** A word further ahead than this is a leftover from before the numbers wrapped. */
    private static final int LOOK_AHEAD = 1 << 20;

    private final long bucketNanos;
    /** Moves when the clock is set back. */
    private volatile long originNanos;
    /** Two words a bucket: [turn:32 | calls:32], then [turn:24 | failed:20 | slow:20]. */
    private final long[] words;
    /** The newest turn seen and its bucket, so that counting needs no division: [turn:56 | bucket:8]. Only grows. */
    private volatile long head;
    /** The newest turn in which something went badly. */
    private volatile int lastBad;

    private final TripGate gate;
    /**
     * How many successes counted elsewhere are in buckets already, and whether a thread is adding some now: [count:63 |
     * adding:1].
     */
    private volatile long settled;

    TimeWindow(int buckets, long bucketNanos, long originNanos, TripGate gate) {
        this.gate = gate;
        this.settled = gate.unreported() << 1;
        this.bucketNanos = bucketNanos;
        this.originNanos = originNanos;
        this.words = new long[2 * buckets];
        this.lastBad = -buckets;
    }

    @Override
    public boolean record(boolean failed, boolean slow, long nowNanos) {
        long newest = head;
        if (unsettled() != 0) {
            settle(newest);
        }
        long since = sinceStart(newest, nowNanos);
        if (since >= bucketNanos) {
            newest = advance(nowNanos);
        } else if (since < -Math.max(BreakerRules.STEP_BACK_NANOS, words.length / 2 * bucketNanos)) {
            // The clock was set back. Time goes on from the newest bucket; otherwise that one would take every call
            // until the clock has caught up.
            originNanos = originNanos + since;
        }
        int word = 2 * (int) (newest & INDEX_MASK);
        int turn = (int) (newest >> INDEX_BITS);
        add(word, turn, 1);
        if (failed || slow) {
            addBad(word + 1, turn, failed, slow);
            return true;
        }
        return turn - lastBad < words.length / 2;
    }

    private void add(int word, int turn, long calls) {
        long before = (long) WORDS.getAndAdd(words, word, calls);
        if ((int) (before >>> 32) != turn) {
            startTurn(word, turn, before + calls, calls);
        }
    }

    /**
     * Adds the successes that were counted elsewhere to the newest bucket seen, in which they were. It adds them before it
     * marks them as added: a thread that judges meanwhile may see them twice, but never misses them. Only one thread adds at
     * a time; another one that comes goes on without waiting.
     */
    private void settle(long newest) {
        long seen = settled;
        if ((seen & 1) == 0 && SETTLED.compareAndSet(this, seen, seen | 1)) {
            long more = Math.max(0, unsettled());
            if (more > 0) {
                add(2 * (int) (newest & INDEX_MASK), (int) (newest >> INDEX_BITS), more);
            }
            settled = seen + (more << 1);
        }
    }

    private long unsettled() {
        return gate.unreported() - (settled >> 1);
    }

    @Override
    public long unreportedNanos(long nowNanos) {
        long newest = head;
        boolean suspicious = (int) (newest >> INDEX_BITS) - lastBad < words.length / 2;
        return suspicious ? 0 : Math.max(0, Math.min(bucketNanos, bucketNanos - sinceStart(newest, nowNanos)));
    }

    @Override
    public Totals totals(long nowNanos) {
        long newest = head;
        long turn = newest >> INDEX_BITS;
        if (sinceStart(newest, nowNanos) >= bucketNanos) {
            turn = (nowNanos - originNanos) / bucketNanos;
        }
        long calls = Math.max(0, unsettled());
        long failed = 0;
        long slow = 0;
        int buckets = words.length / 2;
        for (int word = 0; word < words.length; word += 2) {
            // Recording writes calls first and this reads them last, so failures never exceed calls.
            long bad = (long) WORDS.getVolatile(words, word + 1);
            long all = (long) WORDS.getVolatile(words, word);
            int its = (int) (all >>> 32);
            int age = (int) turn - its;
            if (age < buckets && age > -LOOK_AHEAD) {
                calls += all & 0xffff_ffffL;
                if (Bad.isOf(bad, its)) {
                    failed += Bad.failed(bad);
                    slow += Bad.slow(bad);
                }
            }
        }
        int shown = (int) Math.min(Integer.MAX_VALUE, calls);
        return new Totals(shown, (int) Math.min(shown, failed), (int) Math.min(shown, slow));
    }

    private long sinceStart(long newest, long nowNanos) {
        return nowNanos - originNanos - (newest >> INDEX_BITS) * bucketNanos;
    }

    private long advance(long nowNanos) {
        long turn = (nowNanos - originNanos) / bucketNanos;
        long wanted = turn << INDEX_BITS | turn % (words.length / 2);
        while (true) {
            long seen = head;
            passOver(seen >> INDEX_BITS, turn);
            if (seen >= wanted || HEAD.compareAndSet(this, seen, wanted)) {
                return Math.max(seen, wanted);
            }
        }
    }

    /**
     * Empties the buckets between two turns, so that no word gets so old that its number, once the numbers have wrapped, could
     * be taken for a later one. After a long rest every bucket is emptied.
     */
    private void passOver(long before, long turn) {
        boolean afterRest = turn - before >= LOOK_AHEAD;
        for (long skipped = Math.max(before + 1, turn - words.length / 2 + 1); skipped <= turn; skipped++) {
            int word = 2 * (int) (skipped % (words.length / 2));
            empty(word, (int) skipped, (long) (int) skipped << 32, afterRest);
            empty(word + 1, (int) skipped, (skipped & Bad.TURN_MASK) << 2 * Bad.BITS, afterRest);
        }
    }

    private void empty(int word, int turn, long fresh, boolean afterRest) {
        long now = (long) WORDS.getVolatile(words, word);
        boolean isBad = (word & 1) == 1;
        int ahead = isBad ? Bad.ahead(now, turn) : (int) (now >>> 32) - turn;
        if (afterRest || ahead < 0 || ahead >= LOOK_AHEAD) {
            // Another thread was faster and has begun the turn.
            boolean unused = WORDS.compareAndSet(words, word, now, fresh);
        }
    }

    /** Called after adding to a word of another turn: a later one counts as it is, an earlier one is reset. */
    private void startTurn(int word, int turn, long seen, long calls) {
        int ahead = (int) (seen >>> 32) - turn;
        if (ahead > 0 && ahead < LOOK_AHEAD) {
            return;
        }
        long now = seen;
        while (!WORDS.compareAndSet(words, word, now, (long) turn << 32 | calls)) {
            now = (long) WORDS.getVolatile(words, word);
            ahead = (int) (now >>> 32) - turn;
            if (ahead >= 0 && ahead < LOOK_AHEAD) {
                WORDS.getAndAdd(words, word, calls);
                return;
            }
        }
    }

    private void addBad(int word, int turn, boolean failed, boolean slow) {
        while (true) {
            long now = (long) WORDS.getVolatile(words, word);
            if (WORDS.compareAndSet(words, word, now, Bad.plus(now, turn, failed, slow))) {
                break;
            }
        }
        int seen = lastBad;
        while (turn - seen > 0 && !LAST_BAD.compareAndSet(this, seen, turn)) {
            seen = lastBad;
        }
    }

    /** The second word of a bucket. At a second a bucket its turns repeat after half a year, and are checked by the first's. */
    private static final class Bad {
        private static final int BITS = 20;
        private static final int MASK = (1 << BITS) - 1;
        private static final int TURN_MASK = (1 << 24) - 1;

        static boolean isOf(long word, int turn) {
            return (int) (word >>> 2 * BITS) == (turn & TURN_MASK);
        }

        /** By how many turns it is ahead: 24 bits, with wrapping. */
        static int ahead(long word, int turn) {
            return ((int) (word >>> 2 * BITS) - turn) << 8 >> 8;
        }

        static int failed(long word) {
            return (int) (word >>> BITS) & MASK;
        }

        static int slow(long word) {
            return (int) word & MASK;
        }

        static long plus(long word, int turn, boolean failed, boolean slow) {
            // A later turn's word counts as it is.
            int ahead = ahead(word, turn);
            boolean stale = ahead < 0 || ahead >= LOOK_AHEAD;
            long its = stale ? turn & TURN_MASK : word >>> 2 * BITS;
            int failures = Math.min(MASK, (stale ? 0 : failed(word)) + (failed ? 1 : 0));
            int slows = Math.min(MASK, (stale ? 0 : slow(word)) + (slow ? 1 : 0));
            return its << 2 * BITS | (long) failures << BITS | slows;
        }
    }
}
