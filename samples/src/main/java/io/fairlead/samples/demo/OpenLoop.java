// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Offers calls at a steady rate whatever the servers do: a call is started when its time has come, never because another
 * ended, and its latency counts from that time. Failed means: an exception, a status other than 2xx, or more than 2 s.
 */
public final class OpenLoop implements AutoCloseable {
    private static final long TOO_LONG_NANOS = Duration.ofSeconds(2).toNanos();

    private final OkHttpClient client;
    private final String url;
    private final long gapNanos;
    private final CallLog log;
    private final AtomicInteger offered = new AtomicInteger();
    private final AtomicInteger pending = new AtomicInteger();
    private final ExecutorService callers;
    private final Thread pacer;
    private volatile boolean running = true;

    private OpenLoop(OkHttpClient client, String url, int perSecond, CallLog log) {
        this.client = client;
        this.url = url;
        this.gapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.log = log;
        this.callers = Executors.newCachedThreadPool(task -> daemon(task, "caller"));
        this.pacer = daemon(this::pace, "pacer");
    }

    /** Starts offering calls. */
    public static OpenLoop start(OkHttpClient client, String url, int perSecond, CallLog log) {
        OpenLoop loop = new OpenLoop(client, url, perSecond, log);
        loop.pacer.start();
        return loop;
    }

    /** Calls started so far. */
    public int offered() {
        return offered.get();
    }

    /** Stops offering and waits until every call has ended, at most 10 s. */
    @Override
    public void close() throws InterruptedException {
        running = false;
        pacer.join();
        callers.shutdown();
        if (!callers.awaitTermination(10, TimeUnit.SECONDS)) {
            log.say(pending.get() + " calls never ended");
        }
    }

    private void pace() {
        long next = log.now();
        while (running) {
            long wait = next - log.now();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
                continue;
            }
            long at = next;
            offered.incrementAndGet();
            pending.incrementAndGet();
            callers.execute(() -> call(at));
            next += gapNanos;
        }
    }

    private void call(long atNanos) {
        String failure = null;
        long lateNanos = log.now() - atNanos;
        try (Response response =
                client.newCall(new Request.Builder().url(url).build()).execute()) {
            response.body().bytes();
            failure = response.isSuccessful() ? null : "status " + response.code();
        } catch (IOException | RuntimeException e) {
            failure = e.toString();
        }
        long nanos = log.now() - atNanos;
        if (failure == null && nanos > TOO_LONG_NANOS) {
            // A machine that stood still starts calls late, which no server and no balancer can do.
            failure = "took " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms, begun "
                    + TimeUnit.NANOSECONDS.toMillis(lateNanos) + " ms late";
        }
        log.add(new CallLog.Call(atNanos, nanos, failure));
        pending.decrementAndGet();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
