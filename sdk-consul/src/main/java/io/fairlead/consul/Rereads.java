// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.spi.Environment;
import io.fairlead.spi.WatchLoop;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Has watches read their lists that were told to have changed, and all of them, one sweep, when it was not told whose did: at
 * most 300 a second, each once for whatever came meanwhile. Where sweeps find nothing, somebody changes whom nobody watches:
 * after eight in vain they make 100 reads a second at most. Safe for any thread.
 */
final class Rereads implements WatchLoop.Rounds {
    private static final int AT_ONCE = 12;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(40);
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int MOST_IN_VAIN = 8;
    private static final long SLOW_NANOS_A_READ = TimeUnit.MILLISECONDS.toNanos(10);

    private final String what;
    private final Environment environment;
    private final Supplier<? extends List<? extends Reader>> watches;
    private final WatchLoop loop;
    private final AtomicBoolean found = new AtomicBoolean();

    // The rest belongs to the loop's queue.
    private final Set<Reader> told = new LinkedHashSet<>();
    private final Set<Reader> swept = new LinkedHashSet<>();
    private boolean sweepWanted;
    private long sweepAtNanos;
    private long slowAtNanos;
    private int readInVain;
    private long freeAtNanos;

    /** Whose list may have changed. */
    interface Reader {
        /** The service, in lower case. */
        String service();

        /** It may have changed. */
        void readSoon();
    }

    Rereads(String what, Environment environment, Supplier<? extends List<? extends Reader>> watches) {
        this.what = what;
        this.environment = environment;
        this.watches = watches;
        this.freeAtNanos = environment.ticker().nanos();
        this.slowAtNanos = freeAtNanos;
        this.loop = new WatchLoop(what, environment, BEAT_NANOS, this);
    }

    void start() {
        loop.start();
    }

    void close() {
        loop.close();
    }

    /** Reads these services; names in lower case. */
    void changed(Set<String> services) {
        loop.run(() -> {
            for (Reader one : watches.get()) {
                if (services.contains(one.service())) {
                    told.add(one);
                }
            }
            plan();
        });
    }

    /** Reads every service. */
    void sweep() {
        loop.run(() -> {
            if (!sweepWanted) {
                long now = environment.ticker().nanos();
                boolean fast = readInVain < MOST_IN_VAIN * watches.get().size();
                sweepAtNanos = fast || slowAtNanos - now < 0 ? now : slowAtNanos;
                sweepWanted = true;
                found.set(false);
            }
            plan();
        });
    }

    /** What was read or held brought news. */
    void found() {
        if (found.compareAndSet(false, true)) {
            loop.run(() -> {
                readInVain = 0;
                sweepAtNanos = environment.ticker().nanos();
                plan();
            });
        }
    }

    @Override
    public void round() {
        long now = environment.ticker().nanos();
        if (sweepWanted && now - sweepAtNanos >= 0) {
            List<? extends Reader> all = watches.get();
            swept.addAll(all);
            sweepWanted = false;
            slowAtNanos = now + all.size() * SLOW_NANOS_A_READ;
        }
        // Neither holds up the other.
        int left = AT_ONCE - read(told, AT_ONCE / 2);
        int bySweep = read(swept, left);
        readInVain = Math.min(readInVain + bySweep, Integer.MAX_VALUE / 2);
        left -= bySweep;
        read(told, left);
        freeAtNanos = now + TICK_NANOS;
        plan();
    }

    private static int read(Set<Reader> some, int most) {
        int count = 0;
        for (Iterator<Reader> next = some.iterator(); count < most && next.hasNext(); count++) {
            Reader one = next.next();
            next.remove();
            one.readSoon();
        }
        return count;
    }

    private void plan() {
        long now = environment.ticker().nanos();
        if (!told.isEmpty() || !swept.isEmpty()) {
            loop.nextWithin(Math.max(0, freeAtNanos - now));
        } else if (sweepWanted) {
            loop.nextWithin(Math.max(0, Math.max(freeAtNanos, sweepAtNanos) - now));
        }
    }

    @Override
    public long failed(Throwable failure) {
        environment.listener().onCallbackFailed(what, failure);
        // Whoever was to read may have been lost.
        sweepWanted = true;
        sweepAtNanos = environment.ticker().nanos();
        return BEAT_NANOS;
    }
}
