// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.testkit.Http2Server;
import io.fairlead.testkit.Http2Server.Answer;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies that can be written once only: one-shot ones, and duplex ones, which are written while the answer is read. */
@Tag("slow")
class UnrepeatableBodyTest {
    private final Http2Server a = Http2Server.always(Answer.GOOD);
    private final Http2Server b = Http2Server.always(Answer.GOOD);
    private final World world = new World("round_robin");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck().expectZero("open streams", () -> a.openStreams() + b.openStreams());

    enum Kind {
        ONE_SHOT,
        DUPLEX
    }

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        await().untilAsserted(
                        () -> assertThat(a.openStreams() + b.openStreams()).isZero());
        world.close();
        a.close();
        b.close();
    }

    @ParameterizedTest
    @CsvSource({
        "ONE_SHOT, REFUSE", "ONE_SHOT, GO_AWAY_BELOW", "ONE_SHOT, GO_AWAY_AT", "ONE_SHOT, RESET", "ONE_SHOT, SILENCE",
        "DUPLEX, REFUSE", "DUPLEX, GO_AWAY_BELOW", "DUPLEX, GO_AWAY_AT", "DUPLEX, RESET", "DUPLEX, SILENCE"
    })
    void isNeverSentTwiceAlsoIfTheCallIsIdempotent(Kind kind, Answer answer) {
        start(answer);
        Once body = new Once(kind);
        assertThatThrownBy(() -> world.client.newCall(put(body)).execute()).isInstanceOf(IOException.class);
        body.close();
        assertThat(a.requests().size() + b.requests().size()).isEqualTo(1);
        // Not at all when the server answers the headers before a busy machine comes to the body.
        assertThat(body.written.get()).isBetween(0, 1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void goesElsewhereWhenItWasNeverTouched(Kind kind) throws Exception {
        try (ServerSocket refusing = new ServerSocket(0)) {
            world.add("0", refusing.getLocalPort());
        }
        start(Answer.EARLY);
        for (int i = 0; i < 6; i++) {
            Once body = new Once(kind);
            try (Response response = world.client.newCall(put(body)).execute()) {
                body.close();
                assertThat(response.body().string()).isEqualTo("good");
            }
            assertThat(body.written).hasValue(1);
        }
        assertThat(a.requests().size() + b.requests().size()).isEqualTo(6);
        assertThat(world.fairlead.status("orders").instances())
                .anySatisfy(view -> assertThat(view.failures()).isPositive());
    }

    @Test
    void aDuplexCallIsAnsweredWhileItsBodyIsOpen() throws Exception {
        start(Answer.EARLY);
        Once body = new Once(Kind.DUPLEX);
        try (Response response = world.client.newCall(put(body)).execute()) {
            body.sink.writeUtf8("more");
            body.sink.flush();
            assertThat(response.body().string()).isEqualTo("good");
            body.close();
        }
        assertThat(body.written).hasValue(1);
    }

    @Test
    void aDuplexCallThatIsCancelledWithBothSidesOpenLeavesNothing() throws Exception {
        start(Answer.HEADERS_ONLY);
        Once body = new Once(Kind.DUPLEX);
        Call call = world.client.newCall(put(body));
        try (Response response = call.execute()) {
            assertThat(response.code()).isEqualTo(200);
            call.cancel();
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
        }
        body.close();
    }

    private void start(Answer answer) {
        a.script(request -> answer);
        b.script(request -> answer);
        world.add("a", a.port());
        world.add("b", b.port());
        world.fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        await().until(() -> world.fairlead.status("orders").instances().size() >= 2);
        world.client = world.client
                .newBuilder()
                .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .readTimeout(Duration.ofMillis(400))
                // OkHttp does not time the reads of a duplex call whose body is open
                .callTimeout(Duration.ofSeconds(2))
                .build();
    }

    private static Request put(RequestBody body) {
        return new Request.Builder().url("http://orders/").put(body).build();
    }

    /** Counts how often it is written; a duplex one stays open until it is closed. */
    private static final class Once extends RequestBody {
        final AtomicInteger written = new AtomicInteger();
        private final Kind kind;
        private volatile BufferedSink sink;

        Once(Kind kind) {
            this.kind = kind;
        }

        @Override
        public MediaType contentType() {
            return MediaType.get("text/plain");
        }

        @Override
        public boolean isOneShot() {
            return kind == Kind.ONE_SHOT;
        }

        @Override
        public boolean isDuplex() {
            return kind == Kind.DUPLEX;
        }

        @Override
        public void writeTo(BufferedSink to) throws IOException {
            written.incrementAndGet();
            sink = to;
            to.writeUtf8("once");
        }

        void close() {
            try {
                if (isDuplex() && sink != null) {
                    sink.close();
                }
            } catch (IOException gone) {
                // its stream has been reset
            }
        }
    }
}
