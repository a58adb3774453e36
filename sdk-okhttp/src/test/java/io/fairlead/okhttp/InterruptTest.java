// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.reflect.Method;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An interrupted caller has given up, in whichever shape that comes out; nobody is blamed and nothing is sent again. */
class InterruptTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck().ignoringThreads("ForkJoinPool-.*|VirtualThread-.*|.*Poller.*");

    private final World world = new World("round_robin");
    private final AtomicInteger arrived = new AtomicInteger();
    private final MockWebServer hanging = new MockWebServer();

    @BeforeEach
    void start() throws IOException {
        hanging.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                arrived.incrementAndGet();
                return new MockResponse.Builder()
                        .onResponseStart(SocketEffect.Stall.INSTANCE)
                        .build();
            }
        });
        hanging.start();
        // A platform thread's read goes on when it is interrupted.
        world.client =
                world.client.newBuilder().readTimeout(Duration.ofMillis(500)).build();
        world.add("a", hanging.getPort());
        world.add("b", hanging.getPort());
        world.awaitInstances(2);
    }

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        world.close();
        hanging.close();
    }

    @Test
    void everyShapeOfAnInterruptIsKnown() {
        assertThat(Interrupts.isBehind(new ClosedByInterruptException())).isTrue();
        assertThat(Interrupts.isBehind(new InterruptedIOException("interrupted")))
                .isTrue();
        assertThat(Interrupts.isBehind(new InterruptedIOException("thread interrupted")))
                .isTrue();
        assertThat(Interrupts.isBehind(new SocketException("Closed by interrupt")))
                .isTrue();
        assertThat(Interrupts.isBehind(new IOException("wrapped", new IOException(new InterruptedException()))))
                .isTrue();
        IOException ring = new IOException("ring");
        ring.initCause(new IOException(ring));
        assertThat(Interrupts.isBehind(ring)).isFalse();
        assertThat(Interrupts.isBehind(new SocketTimeoutException("timeout"))).isFalse();
        assertThat(Interrupts.isBehind(new InterruptedIOException("timeout"))).isFalse();
        assertThat(Interrupts.isBehind(new SocketException("Connection reset"))).isFalse();
    }

    @Test
    void anInterruptWhileTheAnswerIsAwaitedBlamesNobody() throws Exception {
        interrupted(Thread::new);
    }

    @Test
    void anInterruptThatAnInterceptorBehindWrapsAndClearsBlamesNobody() throws Exception {
        world.client = world.client
                .newBuilder()
                .addInterceptor(chain -> {
                    try {
                        return chain.proceed(chain.request());
                    } catch (IOException broken) {
                        boolean unused = Thread.interrupted();
                        throw new IOException("wrapped", broken);
                    }
                })
                .build();
        interrupted(Thread::new);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void anInterruptedVirtualThreadBlamesNobody() throws Exception {
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        Method unstarted = Class.forName("java.lang.Thread$Builder").getMethod("unstarted", Runnable.class);
        interrupted(task -> {
            try {
                return (Thread) unstarted.invoke(builder, task);
            } catch (ReflectiveOperationException impossible) {
                throw new IllegalStateException(impossible);
            }
        });
    }

    @FunctionalInterface
    private interface Threads {
        Thread of(Runnable task);
    }

    private void interrupted(Threads threads) throws Exception {
        OkHttpClient client = world.client;
        for (String method : new String[] {"GET", "PUT"}) {
            arrived.set(0);
            AtomicReference<Throwable> seen = new AtomicReference<>();
            Thread caller = threads.of(() -> {
                try {
                    client.newCall(new Request.Builder()
                                    .url("http://orders/")
                                    .method(method, method.equals("PUT") ? RequestBody.create("1", null) : null)
                                    .build())
                            .execute()
                            .close();
                } catch (Throwable ended) {
                    seen.set(ended);
                }
            });
            caller.start();
            await().until(() -> arrived.get() == 1);
            caller.interrupt();
            caller.join();
            assertThat(seen.get()).isInstanceOf(IOException.class);
            assertThat(arrived).hasValue(1);
            assertThat(world.fairlead.status("orders").instances())
                    .allSatisfy(view -> assertThat(view.failures()).isZero());
        }
    }
}
