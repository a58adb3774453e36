// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.testkit.LeakCheck;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever is waited for when a timeout comes: the request's own body, or the instance that takes it. */
@Tag("slow")
class StalledBodyTest {
    private static final Duration TIMEOUT = Duration.ofMillis(600);

    private final CountDownLatch over = new CountDownLatch(1);
    private World world;
    /** Takes connections, as far as the system does by itself, and reads nothing. */
    private ServerSocket server;

    @RegisterExtension
    final LeakCheck leaks = World.leakCheck();

    @BeforeEach
    void start() throws IOException {
        world = new World(HttpClient.Version.HTTP_1_1, builder -> builder);
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        world.add("well", server.getLocalPort());
        world.awaitInstances(1);
    }

    @AfterEach
    void stop() throws IOException {
        over.countDown();
        server.close();
        world.close();
    }

    enum Ours {
        NEVER_SUBSCRIBES,
        NEVER_PUBLISHES,
        STOPS_IN_THE_MIDDLE,
        BLOCKS_IN_SUBSCRIBE,
        BLOCKS_WHEN_ASKED
    }

    @ParameterizedTest
    @EnumSource(Ours.class)
    void aBodyThatIsNeverPublishedIsNoInstancesFailure(Ours how) {
        assertThatThrownBy(() -> world.client.send(put(body(how), TIMEOUT), BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(world.failures()).isZero();
    }

    @Test
    void norWhenTheTimeoutIsTheCallersOwn() {
        HttpRequest put = HttpRequest.newBuilder(URI.create("http://orders/"))
                .PUT(body(Ours.NEVER_PUBLISHES))
                .build();
        assertThatThrownBy(() -> world.client
                        .sendAsync(put, BodyHandlers.ofString())
                        .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                        .get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
        assertThat(world.failures()).isZero();
    }

    enum Theirs {
        TAKES_NOT_ALL,
        TAKES_ALL_AND_IS_SILENT,
        HAS_ALL_THOUGH_THE_END_IS_NOT_SAID
    }

    @ParameterizedTest
    @EnumSource(Theirs.class)
    void whatTheInstanceDoesNotTakeOrAnswerIsItsFailure(Theirs how) {
        BodyPublisher body = switch (how) {
            case TAKES_NOT_ALL -> BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[64 << 20]));
            case TAKES_ALL_AND_IS_SILENT -> BodyPublishers.ofString("abc");
            case HAS_ALL_THOUGH_THE_END_IS_NOT_SAID -> publisher(3, "abc");
        };
        assertThatThrownBy(() -> world.client.send(put(body, TIMEOUT), BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(world.failures()).isEqualTo(1);
    }

    private static HttpRequest put(BodyPublisher body, Duration timeout) {
        return HttpRequest.newBuilder(URI.create("http://orders/"))
                .PUT(body)
                .timeout(timeout)
                .build();
    }

    private BodyPublisher body(Ours how) {
        return switch (how) {
            case NEVER_SUBSCRIBES ->
                new Publisher(3) {
                    @Override
                    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {}
                };
            case NEVER_PUBLISHES -> publisher(3, "");
            case STOPS_IN_THE_MIDDLE -> publisher(6, "abc");
            case BLOCKS_IN_SUBSCRIBE ->
                new Publisher(3) {
                    @Override
                    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
                        awaitOver();
                    }
                };
            case BLOCKS_WHEN_ASKED ->
                BodyPublishers.ofInputStream(() -> new InputStream() {
                    @Override
                    public int read() {
                        awaitOver();
                        return -1;
                    }
                });
        };
    }

    private void awaitOver() {
        try {
            over.await();
        } catch (InterruptedException unexpected) {
            Thread.currentThread().interrupt();
        }
    }

    /** Publishes this once, when asked, and never says that it was all. */
    private static BodyPublisher publisher(long length, String text) {
        return new Publisher(length) {
            @Override
            public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
                subscriber.onSubscribe(new Flow.Subscription() {
                    private boolean published = text.isEmpty();

                    @Override
                    public void request(long count) {
                        if (!published) {
                            published = true;
                            subscriber.onNext(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                        }
                    }

                    @Override
                    public void cancel() {}
                });
            }
        };
    }

    private abstract static class Publisher implements BodyPublisher {
        private final long length;

        Publisher(long length) {
            this.length = length;
        }

        @Override
        public long contentLength() {
            return length;
        }
    }
}
