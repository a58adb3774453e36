// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.spi.Environment;
import java.net.http.HttpClient;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The JDK's client, which has one thread that it never replaces. Without memory that thread dies, and nothing that is asked
 * ends any more. So a client is thrown away when one question was not answered in time and no other was since it was asked:
 * at once, then not before 10 s, then 20 s, up to 5 min, until there are answers again. What was asked of it goes on as far
 * as it can. Safe for any thread.
 */
final class RenewedClient {
    private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final Supplier<HttpClient> clients;
    private final Consumer<HttpClient> end;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile HttpClient current;
    private volatile boolean silent;
    private volatile long heardNanos; // of the current one
    private long renewedNanos; // guarded by lock
    private long pauseNanos; // guarded by lock

    /** @param end what to do with one that is not used any more; must not block */
    RenewedClient(Supplier<HttpClient> clients, Consumer<HttpClient> end, Environment environment) {
        this.clients = clients;
        this.end = end;
        this.environment = environment;
        this.current = clients.get();
        this.heardNanos = environment.ticker().nanos();
    }

    /** The one to ask. */
    HttpClient current() {
        return current;
    }

    /** It works: what was asked of it has ended, well or not. */
    void heard(HttpClient asked) {
        if (asked == current) {
            heardNanos = environment.ticker().nanos();
            if (silent) {
                silent = false;
            }
        }
    }

    /**
     * One that was asked said nothing in time. Does not wait for the next; where there is none, the next silence asks again.
     *
     * @param sinceNanos when it was asked; one that answered somebody since then works
     */
    void silent(HttpClient asked, long sinceNanos) {
        if (heardNanos - sinceNanos <= 0) {
            dead(asked);
        }
    }

    /** One that was asked said that it is over. */
    void dead(HttpClient asked) {
        survive(() -> environment.executor().execute(() -> survive(() -> renew(asked))));
    }

    private void renew(HttpClient asked) {
        lock.lock();
        try {
            long nowNanos = environment.ticker().nanos();
            if (asked != current || (silent && nowNanos - renewedNanos < pauseNanos)) {
                return;
            }
            pauseNanos = silent ? Math.min(MOST_NANOS, 2 * pauseNanos) : LEAST_NANOS;
            renewedNanos = nowNanos;
            current = clients.get();
            heardNanos = nowNanos;
            silent = true;
        } finally {
            lock.unlock();
        }
        survive(() -> end.accept(asked));
    }

    /** Nothing is asked any more. */
    void close() {
        survive(() -> end.accept(current));
    }

    private void survive(Runnable step) {
        try {
            step.run();
        } catch (Throwable failure) {
            environment.listener().onCallbackFailed("client of Consul", failure);
        }
    }
}
