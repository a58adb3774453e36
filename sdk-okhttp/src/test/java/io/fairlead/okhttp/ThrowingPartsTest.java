// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.balancer.Hedging;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSink;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a part of the user's throws, wherever in a call: no connection, permit or attempt stays, and nobody is blamed. */
@Tag("slow")
class ThrowingPartsTest {
    private enum Part {
        IN_FRONT_BEFORE,
        IN_FRONT_AFTER,
        BEHIND_BEFORE,
        BEHIND_AFTER,
        ON_THE_NETWORK,
        LENGTH_OF_A_BODY,
        REQUEST_BODY,
        COOKIES,
        PREDICATE,
        FALLBACK
    }

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final MockWebServer server = new MockWebServer();
    private @Nullable World world;
    private @Nullable Part broken;
    private Throwable thrown = new AssertionError();

    static Stream<Arguments> partsPlainAndHedged() {
        return Stream.concat(
                Stream.of(Part.values()).map(part -> Arguments.of(part, false)),
                Stream.of(Part.BEHIND_AFTER, Part.LENGTH_OF_A_BODY, Part.FALLBACK)
                        .map(part -> Arguments.of(part, true)));
    }

    @AfterEach
    void stop() {
        world.close();
        server.close();
    }

    @ParameterizedTest
    @MethodSource("partsPlainAndHedged")
    void whateverIsThrownNothingStaysAndNobodyIsBlamed(Part part, boolean isHedged) throws Exception {
        start(part, isHedged);
        List<Throwable> kinds = AnyThrowable.kinds().toList();
        for (Throwable kind : kinds) {
            broken = part;
            thrown = kind;
            Throwable told = failure(part);
            // What a fallback throws is suppressed, and the answer handed on.
            assertThat(told != null || part == Part.FALLBACK)
                    .as("%s thrown by %s", kind, part)
                    .isTrue();
            boolean unused = Thread.interrupted();
        }
        assertThat(world.fairlead.status("orders").instances().get(0).failures())
                .isEqualTo(part == Part.FALLBACK ? kinds.size() : 0);
        broken = null;
        assertThat(failure(Part.FALLBACK)).isNull();
        world.assertNothingInFlight();
    }

    private void start(Part part, boolean isHedged) throws IOException {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .code(part == Part.FALLBACK ? 500 : 200)
                        .body("answer")
                        .build();
            }
        });
        server.start();
        world = new World(builder -> {
            builder.policy("round_robin").services(host -> {
                at(Part.PREDICATE);
                return true;
            });
            return isHedged ? builder.hedging(Hedging.defaults().withDelay(Duration.ofSeconds(20))) : builder;
        });
        world.add("only", server.getPort());
        world.awaitInstances(1);
        DiscoveryInterceptor ours = DiscoveryInterceptor.of(world.fairlead);
        if (part == Part.FALLBACK) {
            ours = ours.withFallback((request, failed) -> {
                at(Part.FALLBACK);
                return failed.response();
            });
        }
        world.client = new OkHttpClient.Builder()
                .addInterceptor(around(Part.IN_FRONT_BEFORE, Part.IN_FRONT_AFTER))
                .addInterceptor(ours)
                .addInterceptor(around(Part.BEHIND_BEFORE, Part.BEHIND_AFTER))
                .addInterceptor(this::measured)
                .addNetworkInterceptor(ours)
                .addNetworkInterceptor(around(Part.ON_THE_NETWORK, Part.ON_THE_NETWORK))
                .cookieJar(new Jar())
                .build();
    }

    private @Nullable Throwable failure(Part part) {
        Request.Builder request =
                new Request.Builder().url(part == Part.PREDICATE ? "http://orders.example/" : "http://orders/");
        try (Response response = world.client
                .newCall(part == Part.REQUEST_BODY ? request.put(new Body()).build() : request.build())
                .execute()) {
            assertThat(response.body().string()).isEqualTo("answer");
            return null;
        } catch (Throwable told) {
            return told;
        }
    }

    private void at(Part part) {
        if (broken == part) {
            throw AnyThrowable.sneak(thrown);
        }
    }

    private Interceptor around(Part before, Part after) {
        return chain -> {
            at(before);
            Response response = chain.proceed(chain.request());
            if (broken == after) {
                response.close();
            }
            at(after);
            return response;
        };
    }

    /** Whoever is given such a body, and can not use it, has to close it. */
    private Response measured(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        ResponseBody body = response.body();
        return response.newBuilder()
                .body(new ResponseBody() {
                    @Override
                    public @Nullable MediaType contentType() {
                        return body.contentType();
                    }

                    @Override
                    public long contentLength() {
                        at(Part.LENGTH_OF_A_BODY);
                        return body.contentLength();
                    }

                    @Override
                    public BufferedSource source() {
                        return body.source();
                    }
                })
                .build();
    }

    private final class Body extends RequestBody {
        @Override
        public @Nullable MediaType contentType() {
            return null;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            at(Part.REQUEST_BODY);
            sink.writeUtf8("body");
        }
    }

    private final class Jar implements CookieJar {
        @Override
        public List<Cookie> loadForRequest(HttpUrl url) {
            at(Part.COOKIES);
            return List.of();
        }

        @Override
        public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
            // Kept by nobody.
        }
    }
}
