// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.EventListener;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose fault it is when a connect or a read ends because the call's time is over, and not because the client's is. */
class CutShortTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    /** What passes when a connection is refused. */
    private static final Duration LOST = Duration.ofMillis(200);

    private static final int FILL_MILLIS = 200;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    private final AtomicLong aheadNanos = new AtomicLong();
    private final World world =
            new World(builder -> builder.environment(environment()).policy("round_robin"));
    private final List<Socket> waiting = new ArrayList<>();
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

    CutShortTest() throws IOException {}

    @AfterEach
    void stop() throws IOException {
        world.assertNothingInFlight();
        world.close();
        for (Socket socket : waiting) {
            socket.close();
        }
        server.close();
    }

    @Test
    void aConnectThatTheDeadlineEndsIsLateAndNotUnreachable() throws IOException {
        fillQueue();
        world.add("full", server.getLocalPort());
        assertThatThrownBy(() -> call(CallHints.idempotent(true).within(SHORT))).isInstanceOf(IOException.class);
        assertThat(outcomes).containsExactly(Outcome.FAILURE);
    }

    @Test
    void aConnectThatTheClientsOwnTimeoutEndsIsUnreachable() throws IOException {
        fillQueue();
        world.client = world.client.newBuilder().connectTimeout(SHORT).build();
        world.add("full", server.getLocalPort());
        assertThatThrownBy(() -> call(CallHints.idempotent(true).within(Duration.ofSeconds(30))))
                .isInstanceOf(IOException.class);
        assertThat(outcomes).containsOnly(Outcome.UNREACHABLE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoGotLessThanHalfOfTheTimeIsNotToBlame(boolean connects) throws IOException {
        if (!connects) {
            fillQueue();
        }
        try (Socket bound = new Socket()) {
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            world.add("silent", server.getLocalPort());
            world.add("dead", bound.getLocalPort());
            world.awaitInstances(2);
            for (int i = 0; i < 20 && !outcomes.contains(Outcome.UNREACHABLE); i++) {
                assertThatThrownBy(() -> call(CallHints.idempotent(true).within(SHORT)))
                        .isInstanceOf(IOException.class);
            }
            assertThat(outcomes).endsWith(Outcome.UNREACHABLE, Outcome.IGNORED);
        }
    }

    @Test
    void aReadThatTheDeadlineEndsAfterHalfOfTheTimeIsTheInstancesFailure() {
        world.add("silent", server.getLocalPort());
        assertThatThrownBy(() -> call(CallHints.idempotent(true).within(SHORT))).isInstanceOf(IOException.class);
        assertThat(outcomes).containsExactly(Outcome.FAILURE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aShorterTimeoutOfAnInterceptorBehindOursIsNoDeadline(boolean connects) throws IOException {
        if (!connects) {
            fillQueue();
        }
        world.client = world.client
                .newBuilder()
                .addInterceptor(chain -> chain.withConnectTimeout(FILL_MILLIS, TimeUnit.MILLISECONDS)
                        .withReadTimeout(FILL_MILLIS, TimeUnit.MILLISECONDS)
                        .proceed(chain.request()))
                .build();
        world.add("silent", server.getLocalPort());
        assertThatThrownBy(() -> call(CallHints.idempotent(true).within(Duration.ofSeconds(9))))
                .isInstanceOf(IOException.class);
        assertThat(outcomes).startsWith(connects ? Outcome.FAILURE : Outcome.UNREACHABLE);
    }

    private Environment environment() {
        Environment real = LeakCheck.environment();
        return new Environment(
                () -> System.nanoTime() + aheadNanos.get(),
                real.scheduler(),
                real.executor(),
                real.random(),
                new EventListener() {
                    @Override
                    public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
                        outcomes.add(outcome);
                        aheadNanos.addAndGet(outcome == Outcome.UNREACHABLE ? LOST.toNanos() : 0);
                    }
                });
    }

    private void call(CallHints hints) throws IOException {
        Request request = new Request.Builder()
                .url("http://orders/")
                .tag(CallHints.class, hints)
                .build();
        world.client.newCall(request).execute().close();
    }

    /** Whoever connects then is not heard: the kernel's queue is full and nobody takes from it. */
    private void fillQueue() throws IOException {
        while (true) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(server.getLocalSocketAddress(), FILL_MILLIS);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
    }
}
