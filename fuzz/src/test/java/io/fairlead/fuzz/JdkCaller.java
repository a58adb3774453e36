// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.http.DiscoveryHttpClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Calls through the JDK's client, by {@code send} or {@code sendAsync}. */
final class JdkCaller implements Caller {
    private static final int SIZE = 20_000;

    private final DiscoveryHttpClient client;

    JdkCaller(DiscoveryHttpClient client) {
        this.client = client;
    }

    @Override
    public void call(Board.Call call, Canceller canceller, Seen seen) {
        try (Sink sink = new Sink(call.plan.reading(), seen)) {
            HttpResponse<?> response = response(call, canceller, sink.handler());
            seen.status = response.statusCode();
            seen.answer = response.headers()
                    .firstValue("X-Fuzz-Answer")
                    .map(Integer::valueOf)
                    .orElse(0);
            seen.failedInBody = true;
            sink.read(response.body());
            seen.failedInBody = false;
        } catch (Throwable failed) {
            seen.failure = failed;
        }
    }

    private HttpResponse<?> response(Board.Call call, Canceller canceller, BodyHandler<?> handler) throws Throwable {
        HttpRequest request = request(call);
        if (!call.plan.async()) {
            canceller.by(canceller::interrupt);
            return client.send(request, handler);
        }
        CompletableFuture<? extends HttpResponse<?>> sent = client.sendAsync(request, handler);
        canceller.by(() -> sent.cancel(true));
        while (true) {
            try {
                return sent.get();
            } catch (ExecutionException failed) {
                throw failed.getCause();
            } catch (InterruptedException interrupted) {
                // Who waits for the future is none of the call's threads.
            }
        }
    }

    private static HttpRequest request(Board.Call call) {
        Plan plan = call.plan;
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://orders" + plan.path()))
                .header("X-Fuzz", call.id)
                .header("X-Fuzz-Pass", "1")
                .method(plan.method(), body(call));
        if (plan.key() != null) {
            request.header("Idempotency-Key", plan.key());
        }
        if (plan.limitMillis() > 0) {
            request.timeout(Duration.ofMillis(plan.limitMillis()));
        }
        return request.build();
    }

    private static BodyPublisher body(Board.Call call) {
        return switch (call.plan.body()) {
            case NONE -> BodyPublishers.noBody();
            case REPLAYABLE -> BodyPublishers.ofByteArray(new byte[500]);
            case ONE_SHOT, UNKNOWN_LENGTH ->
                BodyPublishers.ofInputStream(() -> {
                    call.written.incrementAndGet();
                    return new ByteArrayInputStream(new byte[SIZE]);
                });
            case THROWS ->
                BodyPublishers.ofInputStream(() -> {
                    call.written.incrementAndGet();
                    return new SequenceInputStream(new ByteArrayInputStream(new byte[SIZE]), new Broken());
                });
        };
    }

    private static final class Broken extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("the body can not be read");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return read();
        }
    }

    /** The client tells nobody of its connections; that they end is seen when the run does. */
    @Override
    public boolean isIdle() {
        return true;
    }

    @Override
    public boolean mayThrow(Plan plan, Throwable failure) {
        boolean wasCancelled = plan.cancel().by() != Plan.By.NOBODY;
        return failure instanceof IOException
                || failure instanceof InterruptedException && wasCancelled && !plan.async()
                || failure instanceof CancellationException && wasCancelled && plan.async();
    }

    @Override
    public void close() {}
}
