// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The last N calls: a ring of one-byte outcomes and one packed sum that each call moves by the difference between the
 * outcome it writes and the one it overwrites. Differences telescope, so at rest the sum equals the ring exactly.
 */
final class CountWindow implements SlidingWindow {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(byte[].class);
    private static final int BITS = 21;
    private static final long MASK = (1L << BITS) - 1;
    private static final byte USED = 1;
    private static final byte FAILED = 2;
    private static final byte SLOW = 4;

    private final byte[] ring;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong sums = new AtomicLong();

    CountWindow(int calls) {
        this.ring = new byte[calls];
    }

    @Override
    public boolean record(boolean failed, boolean slow, long nowNanos) {
        byte code = (byte) (USED | (failed ? FAILED : 0) | (slow ? SLOW : 0));
        int index = (int) (next.getAndIncrement() % ring.length);
        if ((byte) SLOT.getVolatile(ring, index) != code) {
            byte old = (byte) SLOT.getAndSet(ring, index, code);
            sums.getAndAdd(weight(code) - weight(old));
        }
        return failed || slow || (sums.get() >>> BITS) != 0;
    }

    /** The last N calls are known by each of them. */
    @Override
    public long unreportedNanos(long nowNanos) {
        return 0;
    }

    @Override
    public Totals totals(long nowNanos) {
        long packed = sums.get();
        int calls = (int) Math.min(ring.length, packed & MASK);
        // Slot and sum are written one after the other, so with two recorders a ring apart the sum may exceed the ring.
        return new Totals(
                calls, (int) Math.min(calls, packed >>> BITS & MASK), (int) Math.min(calls, packed >>> 2 * BITS));
    }

    private static long weight(byte code) {
        return (code & USED) | (code & FAILED) >> 1 << BITS | (long) ((code & SLOW) >> 2) << 2 * BITS;
    }
}
