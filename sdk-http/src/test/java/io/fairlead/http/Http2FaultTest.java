// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.testkit.Http2Server;
import io.fairlead.testkit.Http2Server.Answer;
import io.fairlead.testkit.LeakCheck;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What HTTP/2 says of a stream, through the JDK's client, which upgrades to it; counted on the servers. */
@Tag("slow")
class Http2FaultTest {
    private final Http2Server bad = Http2Server.always(Answer.GOOD);
    private final Http2Server good = Http2Server.always(Answer.GOOD);
    private final World world = new World(HttpClient.Version.HTTP_2, builder -> builder.policy("round_robin"));

    @RegisterExtension
    final LeakCheck leaks = World.leakCheck()
            .expectZero("open streams", () -> bad.openStreams() + good.openStreams())
            .expectZero("connections", () -> bad.openConnections() + good.openConnections());

    @BeforeEach
    void start() {
        world.add("bad", bad.port());
        world.add("good", good.port());
        world.awaitInstances(2);
    }

    @AfterEach
    void stop() {
        await().untilAsserted(
                        () -> assertThat(bad.openStreams() + good.openStreams()).isZero());
        world.close();
        await().untilAsserted(() ->
                assertThat(bad.openConnections() + good.openConnections()).isZero());
        bad.close();
        good.close();
    }

    @Test
    void aRefusedStreamGoesElsewhereAlsoForAPostAndIsNobodysFailure() throws Exception {
        bad.script(request -> Answer.REFUSE);
        for (int i = 0; i < 10; i++) {
            assertThat(send(post())).isEqualTo("good");
            assertThat(send(get())).isEqualTo("good");
        }
        assertThat(bad.requests()).isNotEmpty();
        assertThat(good.requests("POST")).isEqualTo(10);
        assertThat(world.failures()).isZero();
    }

    /** Before Java 24 the client does not tell a stream below a GOAWAY's last from one above: no POST is risked. */
    @Test
    void aStreamAboveAGoAwayIsSentAgainIfIdempotentAndIfTheClientSaysThatItWasNotProcessed() throws Exception {
        bad.script(request -> Answer.GO_AWAY_BELOW);
        for (int i = 0; i < 6; i++) {
            assertThat(send(get())).isEqualTo("good");
        }
        int answered = posts(6);
        assertThat(good.requests("POST")).isEqualTo(answered);
        if (Runtime.version().feature() < 24) {
            assertThat(bad.requests("POST") + good.requests("POST")).isEqualTo(6);
        } else {
            assertThat(answered).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GO_AWAY_AT", "HANG_UP", "RESET"})
    void whatMayHaveBeenProcessedGoesElsewhereOnlyIfIdempotent(Answer answer) throws Exception {
        bad.script(request -> answer);
        int answered = posts(6);
        assertThat(bad.requests("POST") + good.requests("POST"))
                .as("POSTs sent")
                .isEqualTo(6);
        assertThat(good.requests("POST")).isEqualTo(answered).isLessThan(6);
        for (int i = 0; i < 6; i++) {
            assertThat(send(get())).isEqualTo("good");
        }
        assertThat(world.failures()).isPositive();
    }

    @Test
    void aServerThatGoesAwayAfterWhatItHasLosesNoCallThatIsIdempotentAndDoublesNoPost() throws Exception {
        bad.script(request -> Answer.GO_AWAY_ABOVE);
        for (int i = 0; i < 10; i++) {
            assertThat(send(get())).isEqualTo("good");
        }
        int before = bad.requests("POST") + good.requests("POST");
        int answered = posts(10);
        assertThat(bad.requests("POST") + good.requests("POST") - before).isBetween(answered, 10);
    }

    @Test
    void slowHeadersEndWithTheRequestsTimeoutAndBlameTheInstance() {
        bad.script(request -> Answer.SILENCE);
        good.script(request -> Answer.SILENCE);
        HttpRequest hurried = HttpRequest.newBuilder(URI.create("http://orders/"))
                .timeout(Duration.ofMillis(300))
                .build();
        assertThatThrownBy(() -> send(hurried)).isInstanceOf(HttpTimeoutException.class);
        assertThat(bad.requests().size() + good.requests().size()).isEqualTo(1);
        assertThat(world.failures()).isEqualTo(1);
    }

    @Test
    void aBodyThatNeverComesEndsWithItsReader() throws Exception {
        bad.script(request -> Answer.HEADERS_ONLY);
        good.script(request -> Answer.HEADERS_ONLY);
        HttpResponse<InputStream> response = world.client.send(get(), BodyHandlers.ofInputStream());
        assertThat(world.inFlight()).isEqualTo(1);
        response.body().close();
        assertThat(bad.requests().size() + good.requests().size()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.INCLUDE,
            names = {"REFUSE", "GO_AWAY_AT", "RESET"})
    void aBodyOfUnknownLengthIsSentOnceAlsoIfTheCallIsIdempotent(Answer answer) {
        bad.script(request -> answer);
        good.script(request -> answer);
        AtomicInteger opened = new AtomicInteger();
        HttpRequest put = HttpRequest.newBuilder(URI.create("http://orders/"))
                .timeout(Duration.ofSeconds(10))
                .PUT(BodyPublishers.ofInputStream(() -> {
                    opened.incrementAndGet();
                    return new ByteArrayInputStream(new byte[] {'o', 'n', 'c', 'e'});
                }))
                .build();
        assertThatThrownBy(() -> send(put)).isInstanceOf(IOException.class);
        // From Java 24 on the client itself sends again, once, what was not processed.
        boolean resends = answer == Answer.REFUSE && Runtime.version().feature() >= 24;
        assertThat(bad.requests().size() + good.requests().size()).isEqualTo(resends ? 2 : 1);
        assertThat(opened).hasValue(resends ? 2 : 1);
    }

    private int posts(int count) throws InterruptedException {
        int answered = 0;
        for (int i = 0; i < count; i++) {
            try {
                answered += send(post()).equals("good") ? 1 : 0;
            } catch (IOException lost) {
                assertThat(lost).isNotInstanceOf(ServiceUnavailableException.class);
            }
        }
        return answered;
    }

    private String send(HttpRequest request) throws IOException, InterruptedException {
        return world.client.send(request, BodyHandlers.ofString()).body();
    }

    private static HttpRequest get() {
        return HttpRequest.newBuilder(URI.create("http://orders/"))
                .timeout(Duration.ofSeconds(10))
                .build();
    }

    private static HttpRequest post() {
        return HttpRequest.newBuilder(URI.create("http://orders/pay"))
                .timeout(Duration.ofSeconds(10))
                .POST(BodyPublishers.ofString("{}"))
                .build();
    }
}
