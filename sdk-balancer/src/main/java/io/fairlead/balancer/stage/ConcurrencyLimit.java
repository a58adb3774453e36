// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.Verdict;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The moving limit of one instance, in thousandths, and how many attempts hold a slot under it. Safe for any thread. A
 * slot is exact; a step of the limit is one compare-and-set try, because one lost to another thread's is harmless.
 */
public final class ConcurrencyLimit {
    private static final int UNIT = 1_000;
    private static final double USED = 0.9;
    private static final double DECREASE = 0.9;

    private volatile int min;
    private volatile int max;
    private final AtomicInteger millis = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();

    public ConcurrencyLimit(ConcurrencyLimits options) {
        begin(options);
    }

    private void begin(ConcurrencyLimits options) {
        min = thousandths(options.min());
        max = thousandths(options.max());
        millis.set(thousandths(options.initial()));
    }

    /** Takes up other bounds, or none. Attempts keep their slots, and the limit stays as it is within the new bounds. */
    public void change(ConcurrencyLimits options) {
        if (options.isOff() || min == Integer.MAX_VALUE) {
            begin(options);
            return;
        }
        min = thousandths(options.min());
        max = thousandths(options.max());
        int unused = millis.updateAndGet(now -> Math.max(min, Math.min(max, now)));
    }

    private static int thousandths(int limit) {
        return limit > Integer.MAX_VALUE / UNIT ? Integer.MAX_VALUE : limit * UNIT;
    }

    /** Attempts it lets in at once. */
    public int now() {
        return millis.get() / UNIT;
    }

    int taken() {
        return taken.get();
    }

    public boolean hasRoom() {
        return taken.get() < now();
    }

    /** Takes a slot when there is one. */
    public boolean tryEnter() {
        while (true) {
            int before = taken.get();
            if (before >= now()) {
                return false;
            }
            if (taken.compareAndSet(before, before + 1)) {
                return true;
            }
        }
    }

    /** Gives a slot back; the limit stays. */
    public void leave() {
        int unused = taken.decrementAndGet();
    }

    /** What came of an attempt that still holds its slot. */
    public void learn(Verdict verdict) {
        int before = millis.get();
        int after = before;
        if (verdict.trouble().isDrop()) {
            after = Math.max(min, (int) (before * DECREASE));
        } else if (verdict.trouble() == Verdict.Trouble.NONE && taken.get() >= USED * before / UNIT) {
            after = Math.min(max, before + UNIT * UNIT / before);
        }
        if (after != before) {
            boolean unused = millis.compareAndSet(before, after);
        }
    }
}
