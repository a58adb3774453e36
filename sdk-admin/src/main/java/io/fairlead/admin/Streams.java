// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import com.sun.net.httpserver.HttpExchange;
import io.fairlead.admin.Model.Detail;
import io.fairlead.admin.Model.Live;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Streams of events to browsers, 16 at most, each on a thread to itself: one that never reads blocks only that thread, until the server
 * stops. A stream sends what holds now each second and ends after 1 MB or 5 min; a browser then asks for another. Thread-safe.
 */
final class Streams {
    static final int MOST = 16;
    private static final long MOST_BYTES = 1_000_000;
    private static final long MOST_SECONDS = 300;

    private final StatusReader reader;
    private final Semaphore places = new Semaphore(MOST);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Executor workers;

    /** {@code workers} has a thread for each. */
    Streams(StatusReader reader, Executor workers) {
        this.workers = workers;
        this.reader = reader;
    }

    /** Takes the exchange over, or says false when there are as many as there may be. */
    boolean begin(HttpExchange exchange, AdminRequest request) {
        if (closed.getCount() == 0 || !places.tryAcquire()) {
            return false;
        }
        try {
            workers.execute(() -> run(exchange, request));
            return true;
        } catch (Throwable noThread) {
            places.release();
            return false;
        }
    }

    /** How many there are. */
    int open() {
        return MOST - places.availablePermits();
    }

    private void run(HttpExchange exchange, AdminRequest request) {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.sendResponseHeaders(200, 0);
            send(exchange.getResponseBody(), request);
        } catch (IOException | RuntimeException gone) {
            // The browser left, or the server stops: there is nobody to tell.
        } finally {
            places.release();
        }
    }

    private void send(OutputStream out, AdminRequest request) throws IOException {
        long bytes = write(out, "retry: 1000\n\n");
        Turn turn = new Turn(request);
        for (long second = 0; second < MOST_SECONDS && bytes < MOST_BYTES; second++) {
            bytes += write(out, turn.text());
            if (isClosedWithinASecond()) {
                return;
            }
        }
    }

    /** What one stream sends next. */
    private final class Turn {
        private final @Nullable String service;
        private final int limit;
        private long seen;

        Turn(AdminRequest request) {
            this.service = request.first("service");
            this.limit = (int) Math.min(Integer.MAX_VALUE, request.number("limit", 200));
            this.seen = request.number("after", 0);
        }

        String text() {
            try {
                Live live = reader.live(seen);
                seen = live.events().isEmpty() ? seen : live.events().get(0).seq();
                String status = "event: status\nid: " + seen + "\ndata: " + Json.of(live) + "\n\n";
                return service == null ? status : status + detail(service, limit);
            } catch (RuntimeException | Error usersOwn) {
                // A registry's or a policy's own code threw; the next turn may find it well again.
                String problem = "not read: " + usersOwn.getClass().getName();
                return "event: problem\ndata: " + Json.of(new Model.Problem(Model.VERSION, problem)) + "\n\n";
            }
        }
    }

    private String detail(String service, int limit) {
        reader.events().picks().arm();
        Detail detail = reader.detail(service, limit);
        return detail == null
                ? "event: gone\ndata: " + Json.of(service) + "\n\n"
                : "event: service\ndata: " + Json.of(detail) + "\n\n";
    }

    private boolean isClosedWithinASecond() {
        try {
            return closed.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            return true;
        }
    }

    private static long write(OutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes);
        out.flush();
        return bytes.length;
    }

    void close() {
        closed.countDown();
    }
}
