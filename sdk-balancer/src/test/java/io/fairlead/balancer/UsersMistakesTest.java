// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user's own parts do wrong stops nothing else, and is told as what it is. */
class UsersMistakesTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();

    @Test
    void aSubscriptionThatThrowsAtItsEndKeepsNoOtherWatchOpen() {
        List<String> closed = new ArrayList<>();
        FakeRegistry registry = new FakeRegistry(time.environment()) {
            @Override
            public Subscription watch(String service, SnapshotListener listener) {
                Subscription watch = super.watch(service, listener);
                return () -> {
                    watch.close();
                    closed.add(service);
                    throw new AssertionError("end of " + service);
                };
            }
        };
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .build();
        for (String service : List.of("orders", "billing", "search")) {
            registry.empty(service);
            fairlead.awaitReady(Duration.ofSeconds(1), service);
        }
        assertThatCode(fairlead::close).doesNotThrowAnyException();
        assertThat(closed).containsExactlyInAnyOrder("orders", "billing", "search");
        assertThat(events.events("callback the end of the watch of")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPolicyThatMakesNoPickerIsNamedAndNotTheRegistryBlamed(boolean isNull) {
        FakeRegistry registry = new FakeRegistry(time.environment());
        registry.lists("a");
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .firstListTimeout(Duration.ofMillis(100))
                .forService("orders", o -> o.withPolicy(new NoPicker(isNull)))
                .build()) {
            assertThatThrownBy(() -> fairlead.call("orders", attempt -> "ok"))
                    .isInstanceOf(NoInstanceException.class)
                    .hasMessageContaining("gave one that could not be used, as")
                    .hasMessageContaining(isNull ? "the policy's picker" : "no table today")
                    .hasMessageNotContaining("Is the registry up");
        }
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aClockThatIsSetBackWithinAWaitMakesItNoLonger() throws IOException {
        FakeRegistry registry = new FakeRegistry(time.environment());
        registry.lists("a");
        Environment system = Environment.system();
        AtomicLong back = new AtomicLong();
        Environment setBack = new Environment(
                () -> system.ticker().nanos() - back.get(),
                system.scheduler(),
                system.executor(),
                system.random(),
                system.listener());
        Transport<String> transport = new Transport<>() {
            @Override
            public String send(Attempt attempt) {
                return "ok";
            }

            /** Asked after each part of the wait, which is 200 ms. */
            @Override
            public boolean isCancelled() {
                back.addAndGet(TimeUnit.HOURS.toNanos(1));
                return false;
            }
        };
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(setBack)
                .rateLimit(RateLimit.of(5, 1).withMaxWait(Duration.ofSeconds(1)))
                .build()) {
            fairlead.awaitReady(Duration.ofSeconds(1), "orders");
            assertThat(fairlead.call("orders", transport)).isEqualTo("ok");
            assertThat(fairlead.call("orders", transport)).isEqualTo("ok");
        }
        assertThat(back).as("set back").hasPositiveValue();
    }

    @Test
    void ofTwoSuffixesThatFitTheLongerCounts() {
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .serviceSuffix(".internal")
                .serviceSuffix(".svc.internal")
                .build()) {
            assertThat(fairlead.serviceOf("orders.svc.internal")).isEqualTo("orders");
            assertThat(fairlead.serviceOf("orders.internal")).isEqualTo("orders");
        }
    }

    private record NoPicker(boolean isNull) implements BalancingPolicy {
        @Override
        public String name() {
            return "none";
        }

        @Override
        @SuppressWarnings("NullAway") // what a policy outside of its checks may do
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            if (isNull) {
                return null;
            }
            throw new IllegalStateException("no table today");
        }
    }

    @Test
    void aJudgeThatSaysNothingIsNamedAndTheAttemptGivenBack() {
        FakeRegistry registry = new FakeRegistry(time.environment());
        registry.lists("a");
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .build()) {
            String sentence = "the client's judge said nothing (expected: a Verdict, not null)";
            assertThatThrownBy(() -> fairlead.call("orders", new SaysNothing(false)))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage(sentence);
            assertThatThrownBy(() -> fairlead.call("orders", new SaysNothing(true)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("no answer");
            assertThat(events.events("callback judge")).hasSize(1).allMatch(event -> event.contains(sentence));
            assertThat(fairlead.status("orders").instances()).allSatisfy(view -> {
                assertThat(view.inFlight()).isZero();
                assertThat(view.failures()).isZero();
            });
        }
    }

    private record SaysNothing(boolean fails) implements Transport<String> {
        @Override
        public String send(Attempt attempt) throws IOException {
            if (fails) {
                throw new IOException("no answer");
            }
            return "ok";
        }

        @Override
        @SuppressWarnings("NullAway") // what a client outside of its checks may do
        public Verdict judge(String response) {
            return null;
        }

        @Override
        @SuppressWarnings("NullAway") // as above
        public Verdict judge(Exception failure) {
            return null;
        }
    }

    @Test
    void aHostWithTheRootDotIsTheSameName() {
        try (Fairlead fairlead = Fairlead.builder(new FakeRegistry(time.environment()))
                .environment(time.environment())
                .serviceSuffix(".internal")
                .build()) {
            for (String host : List.of("orders.", "Orders.", "orders.internal.", "orders.internal")) {
                assertThat(fairlead.isService(host)).as(host).isTrue();
                assertThat(fairlead.serviceOf(host)).as(host).isEqualTo("orders");
            }
            for (String host : List.of(".", "..", "orders..", "localhost.", "10.", "10.0.0.1.", "example.com.")) {
                assertThat(fairlead.isService(host)).as(host).isFalse();
            }
        }
    }
}
