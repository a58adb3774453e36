// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

/** A circuit breaker under measurement. */
interface Subject {
    /** Asks, and records a success if it may go. */
    boolean call();

    /** From now on it rejects, for at least an hour. */
    void open();

    /** The breaker itself, for weighing it. */
    Object breaker();
}
