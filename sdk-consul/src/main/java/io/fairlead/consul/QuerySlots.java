// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many queries are under way at once: an agent closes connections beyond 200 of one client, and heartbeats need some
 * too. 64 are held; up to that many watches have a slot for good, more take turns, each with a wait so short that
 * everybody's turn comes within {@link #ROUND}. First lists, which Consul answers at once, have 16 slots of their own, so
 * that nobody waits for a held query to see his first. Safe for any thread.
 */
final class QuerySlots {
    static final int HELD = 64;
    static final int UNHELD = 16;
    static final Duration ROUND = Duration.ofSeconds(12);

    private final Lane held = new Lane(HELD);
    private final Lane unheld = new Lane(UNHELD);
    private final AtomicInteger watches = new AtomicInteger();

    void watchOpened() {
        watches.incrementAndGet();
    }

    void watchClosed() {
        watches.decrementAndGet();
    }

    Lane held() {
        return held;
    }

    Lane unheld() {
        return unheld;
    }

    /** How long one query may be held so that everybody gets a turn. */
    Duration hold(Duration usual) {
        int count = watches.get();
        if (count <= HELD) {
            return usual;
        }
        Duration share = ROUND.multipliedBy(HELD).dividedBy(count);
        return share.compareTo(usual) < 0 ? share : usual;
    }
}
