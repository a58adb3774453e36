// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** A counter that many threads advance, in the middle of an array so that it shares its cache line with nothing. Wraps. */
final class Turn {
    private static final int LENGTH = 64;
    private static final int MIDDLE = 32;

    private final AtomicIntegerArray words = new AtomicIntegerArray(LENGTH);

    Turn(int first) {
        words.set(MIDDLE, first);
    }

    int next() {
        return words.getAndIncrement(MIDDLE);
    }

    /** What {@link #next} will say. */
    int coming() {
        return words.get(MIDDLE);
    }

    /** Whose turn it is, by arithmetic alone. Immutable, safe for any thread. */
    @FunctionalInterface
    interface Order {
        /** Whose turn it is at a sequence number, or at the next number at which somebody has one; numbers wrap. */
        int from(int sequence);

        /** Whose turn is next, advancing the shared turn. */
        default int next(Turn turn) {
            return from(turn.next());
        }
    }
}
