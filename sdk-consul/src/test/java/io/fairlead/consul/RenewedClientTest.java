// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.spi.Environment;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.net.http.HttpClient;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that says nothing is replaced, at last, whatever hinders it. */
class RenewedClientTest {
    private static final String KINDS = "io.fairlead.testkit.AnyThrowable#kinds";
    private static final HttpClient FIRST = HttpClient.newHttpClient();
    private static final HttpClient SECOND = HttpClient.newHttpClient();

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private int refused;
    private int unmade;
    private int made;
    private int ended;

    @ParameterizedTest
    @MethodSource(KINDS)
    void theNextSilenceAsksAgainWhateverARefusalThrew(Throwable kind) {
        RenewedClient client = client(kind);
        refused = 1;
        unmade = 1;
        for (int i = 0; i < 2; i++) {
            client.silent(client.current(), time.nanos());
            assertThat(client.current()).isSameAs(FIRST);
            time.advance(Duration.ofSeconds(11));
        }
        client.silent(client.current(), time.nanos());
        assertThat(client.current()).isSameAs(SECOND);
        assertThat(events.events("callback")).as("refused, not made, not ended").hasSize(3);
    }

    @ParameterizedTest
    @MethodSource(KINDS)
    void closingThrowsNothingWhateverAnEndThrew(Throwable kind) {
        RenewedClient client = client(kind);
        client.close();
        assertThat(ended).isEqualTo(1);
        assertThat(events.events("callback")).hasSize(1);
    }

    @Test
    void aSlowAnswerRenewsNothingWhileOthersAreAnswered() {
        RenewedClient client = client(new IllegalStateException());
        for (int i = 0; i < 20; i++) {
            long askedNanos = time.nanos();
            time.advance(Duration.ofSeconds(2));
            client.heard(FIRST);
            time.advance(Duration.ofSeconds(1));
            client.silent(FIRST, askedNanos);
            assertThat(client.current()).isSameAs(FIRST);
        }
        long askedNanos = time.nanos();
        time.advance(Duration.ofSeconds(3));
        client.silent(FIRST, askedNanos);
        assertThat(client.current()).as("nobody was answered").isSameAs(SECOND);
        client.heard(FIRST);
        time.advance(Duration.ofSeconds(3));
        client.heard(FIRST);
        client.silent(SECOND, askedNanos);
        assertThat(client.current()).as("too early for the next").isSameAs(SECOND);
        client.dead(SECOND);
        time.advance(Duration.ofSeconds(8));
        client.dead(SECOND);
        assertThat(ended).as("what an old one says is nothing of the new").isEqualTo(2);
    }

    private RenewedClient client(Throwable kind) {
        Environment environment = new Environment(
                time,
                time,
                task -> {
                    if (refused-- > 0) {
                        throw AnyThrowable.sneak(kind);
                    }
                    task.run();
                },
                time.environment().random(),
                events);
        return new RenewedClient(
                () -> {
                    if (made > 0 && unmade-- > 0) {
                        throw AnyThrowable.sneak(kind);
                    }
                    return made++ == 0 ? FIRST : SECOND;
                },
                last -> {
                    ended++;
                    throw AnyThrowable.sneak(kind);
                },
                environment);
    }
}
