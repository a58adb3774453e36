// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.Ticker;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that goes on from where it was when the one below is set back by seconds or more; everything that waits for a
 * moment would wait for it twice. Safe for any thread.
 */
final class SteadyTicker implements Ticker {
    private static final long BACK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long NOTE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What the clock below said at about the latest, and what is added to it. */
    private record Mark(long rawNanos, long addedNanos) {}

    private final Ticker below;
    private final AtomicReference<Mark> mark;

    private SteadyTicker(Ticker below) {
        this.below = below;
        this.mark = new AtomicReference<>(new Mark(below.nanos(), 0));
    }

    /** The system's own clock is steady. */
    static Ticker of(Ticker ticker) {
        return ticker instanceof SteadyTicker || ticker == Ticker.system() ? ticker : new SteadyTicker(ticker);
    }

    @Override
    public long nanos() {
        while (true) {
            Mark last = Objects.requireNonNull(mark.get());
            long rawNanos = below.nanos();
            long passed = rawNanos - last.rawNanos;
            if (passed >= -BACK_NANOS && passed < NOTE_NANOS) {
                return rawNanos + last.addedNanos;
            }
            long added = passed < 0 ? last.addedNanos - passed : last.addedNanos;
            // Only who read the clock after the mark may move it.
            if (mark.compareAndSet(last, new Mark(rawNanos, added))) {
                return rawNanos + added;
            }
        }
    }
}
