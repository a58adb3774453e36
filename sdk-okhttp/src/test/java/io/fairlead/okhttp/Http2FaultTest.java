// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.testkit.Http2Server;
import io.fairlead.testkit.Http2Server.Answer;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What HTTP/2 says of a stream decides who gets a call again; counted on the servers. */
@Tag("slow")
class Http2FaultTest {
    private final Http2Server bad = Http2Server.always(Answer.GOOD);
    private final Http2Server good = Http2Server.always(Answer.GOOD);
    private final World world = new World("round_robin");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck().expectZero("open streams", () -> bad.openStreams() + good.openStreams());

    @BeforeEach
    void start() {
        world.client = world.client
                .newBuilder()
                .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .readTimeout(Duration.ofMillis(300))
                .build();
        world.add("bad", bad.port());
        world.add("good", good.port());
        world.awaitInstances(2);
    }

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        await().untilAsserted(
                        () -> assertThat(bad.openStreams() + good.openStreams()).isZero());
        world.close();
        bad.close();
        good.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Answer.class,
            names = {"REFUSE", "GO_AWAY_BELOW"})
    void whatWasProvablyNotProcessedGoesElsewhereAlsoAPostAndIsNobodysFailure(Answer answer) throws Exception {
        bad.script(request -> answer);
        for (int i = 0; i < 10; i++) {
            assertThat(send(post())).isEqualTo("good");
            assertThat(send(get())).isEqualTo("good");
        }
        assertThat(bad.requests()).isNotEmpty();
        assertThat(good.requests("POST")).isEqualTo(10);
        assertThat(good.requests("GET")).isEqualTo(10);
        assertThat(failures()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"GO_AWAY_AT", "HANG_UP", "RESET", "SILENCE"})
    void whatMayHaveBeenProcessedGoesElsewhereOnlyIfIdempotent(Answer answer) throws Exception {
        bad.script(request -> answer);
        int answered = 0;
        for (int i = 0; i < 6; i++) {
            try {
                answered += send(post()).equals("good") ? 1 : 0;
            } catch (IOException lost) {
                assertThat(lost).isNotInstanceOf(ServiceUnavailableException.class);
            }
        }
        assertThat(bad.requests("POST") + good.requests("POST"))
                .as("POSTs sent")
                .isEqualTo(6);
        assertThat(good.requests("POST")).isEqualTo(answered).isLessThan(6);
        for (int i = 0; i < 6; i++) {
            assertThat(send(get())).isEqualTo("good");
        }
        assertThat(good.requests("GET")).isEqualTo(6);
        assertThat(failures()).isEqualTo(bad.requests().size());
    }

    @Test
    void aStreamResetOnAPooledConnectionIsItsInstancesFailure() throws Exception {
        assertThat(send(get())).isEqualTo("good");
        assertThat(send(get())).isEqualTo("good");
        bad.script(request -> Answer.RESET);
        good.script(request -> Answer.RESET);
        for (int i = 0; i < 4; i++) {
            assertThatThrownBy(() -> send(post())).hasMessageContaining("INTERNAL_ERROR");
        }
        assertThat(bad.requests("POST") + good.requests("POST")).isEqualTo(4);
        assertThat(failures()).isEqualTo(4);
    }

    @Test
    void aServerThatGoesAwayAfterWhatItHasIsSentEachCallOnce() throws Exception {
        bad.script(request -> Answer.GO_AWAY_ABOVE);
        for (int i = 0; i < 20; i++) {
            assertThat(send(i % 2 == 0 ? post() : get())).isEqualTo("good");
        }
        assertThat(bad.requests().size() + good.requests().size()).isEqualTo(20);
        assertThat(bad.requests()).isNotEmpty();
        assertThat(failures()).isZero();
    }

    @Test
    void slowHeadersEndTheirStreamWhenTheCallGoesElsewhere() throws Exception {
        bad.script(request -> Answer.SILENCE);
        for (int i = 0; i < 4; i++) {
            assertThat(send(get())).isEqualTo("good");
        }
        assertThat(bad.requests()).isNotEmpty();
        await().untilAsserted(() -> assertThat(bad.openStreams()).isZero());
    }

    @Test
    void aBodyThatNeverComesIsTheCallersErrorAndIsNotSentAgain() {
        bad.script(request -> Answer.HEADERS_ONLY);
        good.script(request -> Answer.HEADERS_ONLY);
        assertThatThrownBy(() -> send(get())).isInstanceOf(IOException.class);
        assertThat(bad.requests().size() + good.requests().size()).isEqualTo(1);
    }

    @Test
    void theCallTimeoutBlamesAnInstanceThatHangsButNoCancellation() throws Exception {
        bad.script(request -> Answer.SILENCE);
        good.script(request -> Answer.SILENCE);
        world.client = world.client
                .newBuilder()
                .readTimeout(Duration.ZERO)
                .callTimeout(Duration.ofMillis(500))
                .build();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> send(get())).isInstanceOf(IOException.class);
        }
        assertThat(failures()).isEqualTo(3);
        // Far from the end of its time, however slow the machine.
        world.client =
                world.client.newBuilder().callTimeout(Duration.ofMinutes(1)).build();
        Call call = world.client.newCall(get());
        Thread canceller = new Thread(() -> {
            await().until(() -> bad.openStreams() + good.openStreams() > 0);
            call.cancel();
        });
        canceller.start();
        assertThatThrownBy(call::execute).isInstanceOf(IOException.class);
        canceller.join();
        assertThat(failures()).isEqualTo(3);
    }

    private long failures() {
        return world.fairlead.status("orders").instances().stream()
                .mapToLong(InstanceView::failures)
                .sum();
    }

    private String send(Request request) throws IOException {
        try (Response response = world.client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    private static Request get() {
        return new Request.Builder().url("http://orders/").build();
    }

    private static Request post() {
        return new Request.Builder()
                .url("http://orders/pay")
                .post(RequestBody.create("{}", MediaType.get("application/json")))
                .build();
    }
}
