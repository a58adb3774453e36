// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How many queries are under way at once: an agent closes connections beyond 200 of one client, and heartbeats need some
 * too. 64 are held; up to that many watches have a slot for good, more take turns. {@link Changes} tells those who wait what
 * changed; where it can not, each turn is so short that everybody's comes within {@link #ROUND}. Reads that Consul answers at
 * once have 16 slots of their own, so that nobody waits for a held query to see his first list. Safe for any thread.
 */
final class QuerySlots {
    static final int HELD = 64;
    static final int UNHELD = 16;
    static final Duration ROUND = Duration.ofSeconds(12);

    private final SlotQueue held = new SlotQueue(HELD);
    private final SlotQueue unheld = new SlotQueue(UNHELD);
    private final AtomicInteger watches = new AtomicInteger();
    private final AtomicReference<@Nullable Changes> changes = new AtomicReference<>();
    private final Supplier<@Nullable Changes> newChanges;

    /** @param newChanges makes what tells of changes while there are more watches than slots; null when nobody shall */
    QuerySlots(Supplier<@Nullable Changes> newChanges) {
        this.newChanges = newChanges;
    }

    void watchOpened() {
        watches.incrementAndGet();
        settle();
    }

    void watchClosed() {
        watches.decrementAndGet();
        settle();
    }

    /** Somebody may count at the same time: whoever is last leaves it as the count wants it. */
    private void settle() {
        int count;
        do {
            count = watches.get();
            Changes open = changes.get();
            if (count > HELD && open == null) {
                open();
            } else if (count <= HELD && open != null && changes.compareAndSet(open, null)) {
                open.close();
            }
        } while (count != watches.get());
    }

    private void open() {
        Changes made = newChanges.get();
        if (made != null && changes.compareAndSet(null, made)) {
            made.start();
        }
    }

    SlotQueue held() {
        return held;
    }

    SlotQueue unheld() {
        return unheld;
    }

    /** How long one query may be held so that everybody is up to date. */
    Duration hold(Duration usual) {
        int count = watches.get();
        Changes open = changes.get();
        if (count <= HELD || (open != null && open.areTold())) {
            return usual;
        }
        Duration share = ROUND.multipliedBy(HELD).dividedBy(count);
        return share.compareTo(usual) < 0 ? share : usual;
    }

    /** Somebody's list is another. */
    void listChanged() {
        Changes open = changes.get();
        if (open != null) {
            open.found();
        }
    }
}
