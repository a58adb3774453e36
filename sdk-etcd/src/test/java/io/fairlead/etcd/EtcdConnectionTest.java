// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.fairlead.api.RegistryException;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.VirtualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The connection through a long outage, on virtual time. */
class EtcdConnectionTest {
    private final VirtualTime time = new VirtualTime();
    private final Environment environment = time.environment();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final EtcdConnection connection = new EtcdConnection(this::client, "etcd x", environment);
    private boolean up = true;

    @Test
    void anOutageCostsAtMostTwelveTriesAMinuteHoweverManyAskAndEndsWithinFiveAndAHalfSeconds() {
        up = false;
        askFor(Duration.ofSeconds(10));
        int before = opened.get();
        askFor(Duration.ofMinutes(3));
        assertThat(opened.get() - before).isBetween(30, 36);
        up = true;
        long returned = time.nanos();
        while (!ask()) {
            time.advance(Duration.ofMillis(50));
        }
        assertThat(Duration.ofNanos(time.nanos() - returned)).isLessThan(Duration.ofMillis(5_200));
        assertThat(opened.get() - closed.get()).isEqualTo(1);
        askFor(Duration.ofMinutes(1));
        assertThat(opened.get() - closed.get()).as("one client, kept").isEqualTo(1);
    }

    @Test
    void aClientIsKeptThroughASecondOfFailures() {
        up = false;
        askFor(Duration.ofSeconds(1));
        up = true;
        assertThat(ask()).isTrue();
        assertThat(opened.get()).isEqualTo(1);
        assertThat(closed.get()).isZero();
    }

    private void askFor(Duration duration) {
        for (long end = time.nanos() + duration.toNanos(); time.nanos() < end; time.advance(Duration.ofMillis(100))) {
            boolean unused = ask();
        }
    }

    private boolean ask() {
        CompletableFuture<String> answer = connection.ask(client -> up
                ? CompletableFuture.completedFuture("yes")
                : CompletableFuture.failedFuture(
                        new RegistryException(RegistryException.Reason.UNREACHABLE, "refused")));
        assertThat(answer).isDone();
        return !answer.isCompletedExceptionally();
    }

    private Client client() {
        opened.incrementAndGet();
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        closed.incrementAndGet();
                    }
                    return method.getName().equals("equals") ? (Object) (proxy == arguments[0]) : null;
                });
    }
}
