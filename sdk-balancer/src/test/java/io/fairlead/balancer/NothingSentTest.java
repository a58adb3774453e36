// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.VirtualTime;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call that ends on this side says whether anything was sent, for whoever counts failures further out. */
class NothingSentTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @Test
    void aDeadlineThatPassedBeforeTheListCameHadNoAttempt() {
        try (Fairlead fairlead = virtual()) {
            CompletableFuture<String> call = unanswered(fairlead);
            time.advance(SHORT);
            assertThat(rejection(call).attempts()).isZero();
        }
    }

    @Test
    void aCallThatCanNotHaveItsRateInTimeHadNoAttempt() {
        registry.lists("a");
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .rateLimit(RateLimit.of(1, 1).withMaxWait(Duration.ofSeconds(5)))
                .build()) {
            fairlead.awaitReady(Duration.ZERO, "orders");
            CompletableFuture<String> first = unanswered(fairlead);
            CompletableFuture<String> second = unanswered(fairlead);
            time.advance(SHORT);
            assertThat(rejection(first).attempts()).isEqualTo(1);
            assertThat(rejection(second).stage()).isEqualTo(Stage.RATE_LIMIT);
            assertThat(rejection(second).attempts()).isZero();
        }
    }

    @Test
    void aDeadlineThatCutAnAttemptHadOne() {
        registry.lists("a");
        try (Fairlead fairlead = virtual()) {
            CompletableFuture<String> call = unanswered(fairlead);
            time.advance(SHORT);
            assertThat(rejection(call).attempts()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallerThatGaveUpBeforeAnythingWasSentIsTheCauseOfWhatItGets(boolean hedged) {
        try (Fairlead fairlead = system(hedged)) {
            Throwable thrown = catchThrowable(() -> fairlead.call(CallSpec.of("orders"), new Transport<String>() {
                @Override
                public String send(Attempt attempt) {
                    return "never";
                }

                @Override
                public boolean isCancelled() {
                    return true;
                }
            }));
            assertThat(thrown)
                    .isInstanceOf(InterruptedIOException.class)
                    .hasCauseInstanceOf(CancellationException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptedCallerIsTheCauseOfWhatItGets(boolean hedged) {
        try (Fairlead fairlead = system(hedged)) {
            Thread.currentThread().interrupt();
            Throwable thrown = catchThrowable(() -> fairlead.call(CallSpec.of("orders"), attempt -> "never"));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(thrown)
                    .isInstanceOf(InterruptedIOException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
        }
    }

    private Fairlead virtual() {
        return Fairlead.builder(registry).environment(time.environment()).build();
    }

    private static Fairlead system(boolean hedged) {
        Environment environment = Environment.system();
        FairleadBuilder builder =
                Fairlead.builder(new FakeRegistry(environment)).environment(environment);
        return (hedged ? builder.hedging(Hedging.defaults()) : builder).build();
    }

    private static CompletableFuture<String> unanswered(Fairlead fairlead) {
        return fairlead.callAsync(CallSpec.of("orders").within(SHORT), attempt -> new CompletableFuture<String>())
                .toCompletableFuture();
    }

    private static CallRejectedException rejection(CompletableFuture<String> call) {
        Throwable thrown = catchThrowable(call::join).getCause();
        assertThat(thrown).isInstanceOf(CallRejectedException.class);
        return (CallRejectedException) thrown;
    }
}
