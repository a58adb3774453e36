// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

/** Whose turn it is, by arithmetic alone. Immutable, safe for any thread. */
@FunctionalInterface
interface TurnOrder {
    /** Whose turn it is at a sequence number, or at the next number at which somebody has one; numbers wrap. */
    int from(int sequence);

    /** Whose turn is next, advancing the shared turn. */
    default int next(Turn turn) {
        return from(turn.next());
    }
}
