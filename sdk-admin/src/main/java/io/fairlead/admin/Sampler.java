// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.api.Ticker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Reads the counts from time to time, so that who opens the page sees rates at once. Every 10 s while nobody looks, else every second. */
final class Sampler implements Runnable {
    private static final long IDLE_SECONDS = 10;
    private static final long LOOKED_NANOS = 15_000_000_000L;

    private final StatusReader reader;
    private final ProcessFacts process;
    private final Ticker ticker = Ticker.system();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long lookedNanos = ticker.nanos() - LOOKED_NANOS;

    Sampler(StatusReader reader, ProcessFacts process) {
        this.reader = reader;
        this.process = process;
    }

    /** Somebody looks. */
    void look() {
        lookedNanos = ticker.nanos();
    }

    @Override
    public void run() {
        quietly(process::ask);
        boolean open = true;
        while (open) {
            quietly(reader::sample);
            open = isOpenAfterAWhile();
        }
    }

    /** Whatever a balancer's or a registry's code throws, the next turn comes. */
    private static void quietly(Runnable task) {
        try {
            task.run();
        } catch (Throwable dropped) {
            // The page shows what can be read; a sample that failed shows as rates that are not known.
        }
    }

    private boolean isOpenAfterAWhile() {
        boolean looked = ticker.nanos() - lookedNanos < LOOKED_NANOS;
        try {
            return !closed.await(looked ? 1 : IDLE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            return false;
        }
    }

    void close() {
        closed.countDown();
    }
}
