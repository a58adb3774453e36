// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.CallRejectedException;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** "For ever" as a duration is more nanoseconds than a long holds, and is a wish like any other. */
class ExtremeOptionsTest {
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
    private static final Duration BEFORE_EVER = Duration.ofSeconds(Long.MIN_VALUE);

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    static Stream<UnaryOperator<FairleadBuilder>> forEver() {
        return Stream.of(
                builder -> builder.firstListTimeout(FOR_EVER),
                builder -> builder.idleAfter(FOR_EVER),
                builder -> builder.slowStart(FOR_EVER),
                builder -> builder.slowStart(SlowStart.defaults().withAfterEjection(FOR_EVER)),
                builder -> builder.outagePolicy(OutagePolicy.defaults().withGrace(FOR_EVER)),
                builder -> builder.outagePolicy(OutagePolicy.defaults().withMaxAge(FOR_EVER)),
                builder -> builder.rateLimit(RateLimit.of(100, 100).withMaxWait(FOR_EVER)),
                builder -> builder.hedging(Hedging.defaults().withDelay(FOR_EVER)),
                builder -> builder.dynamicWeights(DynamicWeights.defaults().withWindow(FOR_EVER)),
                builder -> builder.dynamicWeights(DynamicWeights.defaults().withRecovery(FOR_EVER)),
                builder -> builder.dynamicWeights(
                        DynamicWeights.defaults().withBands(new DynamicWeights.Band(FOR_EVER, 0.1, 0.5))));
    }

    @ParameterizedTest
    @MethodSource("forEver")
    void anOptionOfForEverServesListsAndCalls(UnaryOperator<FairleadBuilder> option) throws IOException {
        try (Fairlead fairlead = option.apply(Fairlead.builder(registry).environment(time.environment(1, events)))
                .build()) {
            registry.lists("a", "b");
            fairlead.awaitReady(Duration.ofSeconds(1), "orders");
            assertThat(fairlead.<String>call("orders", attempt -> "ok")).isEqualTo("ok");
            // Newcomers, a held instance and the evaluations of half a minute go through every part of a list.
            registry.interrupt();
            registry.lists("b", "c");
            time.advance(Duration.ofSeconds(30));
            assertThat(fairlead.<String>call("orders", attempt -> "ok")).isEqualTo("ok");
            assertThat(fairlead.callAsync(CallSpec.of("orders"), attempt -> CompletableFuture.completedFuture("ok")))
                    .isCompletedWithValue("ok");
            assertThat(events.events("failed callback")).isEmpty();
        }
    }

    @Test
    void aDeadlineOfForEverIsNone() throws IOException {
        try (Fairlead fairlead = ready()) {
            CallSpec spec = CallSpec.of("orders").within(FOR_EVER);
            assertThat(fairlead.<String>call(spec, attempt -> "ok")).isEqualTo("ok");
            CompletableFuture<String> sent = new CompletableFuture<>();
            CompletableFuture<String> call =
                    fairlead.callAsync(spec, attempt -> sent).toCompletableFuture();
            // Without the evaluation of each second on the way; what would have ended the call is due then.
            time.jump(Duration.ofDays(400).toNanos());
            time.advance(Duration.ofSeconds(30));
            assertThat(call).isNotDone();
            sent.complete("late");
            assertThat(call).isCompletedWithValue("late");
        }
    }

    @Test
    void aDeadlineLongPastRejectsTheCall() {
        try (Fairlead fairlead = ready()) {
            CallSpec spec = CallSpec.of("orders").within(BEFORE_EVER);
            assertThatThrownBy(() -> fairlead.call(spec, attempt -> "ok")).isInstanceOf(CallRejectedException.class);
        }
    }

    @Test
    void readinessMayBeAwaitedForEver() {
        registry.lists("a");
        try (Fairlead fairlead =
                Fairlead.builder(registry).environment(time.environment()).build()) {
            fairlead.awaitReady(FOR_EVER, "orders");
            assertThat(fairlead.services()).containsExactly("orders");
        }
    }

    @Test
    void aWatchThatWouldEndBeforeItsFirstListIsRefused() {
        assertThatThrownBy(() -> Fairlead.builder(registry).idleAfter(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("idleAfter: PT0S (expected: a second or more)");
    }

    @SuppressWarnings("NullAway") // what a caller without its checks may do
    static Stream<Consumer<FairleadBuilder>> nulls() {
        return Stream.of(
                builder -> builder.retries(null),
                builder -> builder.rateLimit(null),
                builder -> builder.forService("orders", o -> o.withRateLimit(null)),
                builder -> builder.forService("orders", o -> o.withPolicy((BalancingPolicy) null)),
                builder -> builder.slowStart((SlowStart) null),
                builder -> builder.zones(null),
                builder -> builder.subsetting(null),
                builder -> builder.dynamicWeights(null),
                builder -> builder.outagePolicy(null),
                builder -> builder.addressPolicy(null),
                builder -> builder.health(null),
                builder -> builder.services(null),
                builder -> builder.environment(null));
    }

    @ParameterizedTest
    @MethodSource("nulls")
    void aNullIsRefusedWhereItIsGivenAndNotByTheFirstCall(Consumer<FairleadBuilder> option) {
        FairleadBuilder builder = Fairlead.builder(registry);
        assertThatThrownBy(() -> option.accept(builder))
                .isInstanceOf(NullPointerException.class)
                .hasMessageMatching("\\w+");
    }

    private Fairlead ready() {
        registry.lists("a", "b");
        Fairlead fairlead =
                Fairlead.builder(registry).environment(time.environment()).build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }
}
