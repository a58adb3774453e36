// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls and commands through the public side that the shared cases do not reach. */
class CallTest {
    private final VirtualTime time = new VirtualTime();

    private CircuitBreaker breaker(Classification classification) {
        return CircuitBreaker.builder("b")
                .config(Breaker.count(10, 2, 50))
                .classification(classification)
                .ticker(time)
                .build();
    }

    private CircuitBreakerMetrics metrics(CircuitBreaker breaker) {
        return breaker.metrics(time.nanos());
    }

    @Test
    void aClassifierThatThrowsLearnsNothingAndHidesNothing() {
        CircuitBreaker breaker = breaker(Classification.defaults()
                .failingOn(result -> {
                    throw new IllegalStateException("classifier's own");
                })
                .ignoringIf(thrown -> {
                    throw new AssertionError("classifier's own");
                }));
        assertThatThrownBy(() -> breaker.call(() -> {
                    throw new IOException("the call's own");
                }))
                .hasMessage("the call's own");
        assertThat(breaker.callAsync(() -> CompletableFuture.completedFuture("fine")))
                .isCompletedWithValue("fine");
        assertThat(metrics(breaker).calls()).isZero();
        assertThat(metrics(breaker).lifetime().classifierErrors()).isEqualTo(2);
        assertThat(metrics(breaker).lifetime().ignored()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.AnyThrowable#kinds")
    void whateverATaskOrAPredicateThrowsThePermitComesBack(Throwable kind) {
        CircuitBreaker breaker = breaker(Classification.defaults().ignoringIf(thrown -> {
            throw AnyThrowable.sneak(kind);
        }));
        breaker.force(CircuitState.OPEN);
        breaker.force(CircuitState.HALF_OPEN);
        for (int i = 0; i < 50; i++) {
            // A permit that was lost would end in a rejection soon.
            assertThatThrownBy(() -> breaker.call(() -> {
                        throw AnyThrowable.sneak(kind);
                    }))
                    .isSameAs(kind);
            assertThatThrownBy(() -> breaker.callAsync(() -> {
                                throw AnyThrowable.sneak(kind);
                            })
                            .get())
                    .hasCause(kind);
        }
        assertThat(breaker.state()).isEqualTo(CircuitState.HALF_OPEN);
    }

    @Test
    void aRejectionByAnotherBreakerIsNotLearnedFrom() {
        CircuitBreaker inner = breaker(Classification.defaults());
        inner.force(CircuitState.FORCED_OPEN);
        CircuitBreaker outer = breaker(Classification.defaults());
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> outer.call(() -> inner.call(() -> "never")))
                    .isInstanceOf(CallNotPermittedException.class);
        }
        assertThat(outer.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(metrics(outer).calls()).isZero();
    }

    @Test
    void aRejectionByTheBalancerIsNotLearnedFromAlsoInsideOthersExceptions() {
        var limited =
                new CallRejectedException("orders", CallRejectedException.Stage.RATE_LIMIT, "full", Duration.ZERO);
        var none = new NoInstanceException("orders", NoInstanceException.Reason.EMPTY, "nobody");
        var late = new CallRejectedException("orders", CallRejectedException.Stage.DEADLINE, "no list", Duration.ZERO);
        // A client's own timeout, which found the call still waiting.
        var timeout = new InterruptedIOException("timeout");
        timeout.initCause(new IOException(late));
        for (Exception local : List.of(
                limited,
                none,
                late,
                timeout,
                new IOException(limited),
                new IOException(none),
                new IOException(new CancellationException()),
                new IOException(new InterruptedException()),
                new UncheckedIOException(new IOException(limited)),
                new IllegalStateException("as a declarative client has it", new IOException(none)))) {
            CircuitBreaker breaker = breaker(Classification.defaults());
            breaker.force(CircuitState.OPEN);
            time.jump(ofSeconds(5).toNanos());
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> breaker.call(() -> {
                            throw local;
                        }))
                        .isSameAs(local);
                assertThat(breaker.callAsync(() -> CompletableFuture.failedFuture(local)))
                        .isCompletedExceptionally();
            }
            assertThat(breaker.state()).as("the probe is free again").isEqualTo(CircuitState.HALF_OPEN);
        }
    }

    @Test
    void aDeadlineThatPassedAfterSomethingWasSentIsATimeoutOfWhatIsBehind() {
        CircuitBreaker breaker = breaker(Classification.defaults());
        var late = new CallRejectedException("orders", CallRejectedException.Stage.DEADLINE, "over", Duration.ZERO, 1);
        assertThat(breaker.callAsync(() -> CompletableFuture.failedFuture(late)))
                .isCompletedExceptionally();
        assertThat(breaker.callAsync(() -> CompletableFuture.failedFuture(new IOException(late))))
                .isCompletedExceptionally();
        assertThat(metrics(breaker).failed()).isEqualTo(2);
    }

    @Test
    void aCallersOwnTimeoutIsAFailureAndCancelsTheStage() {
        CircuitBreaker breaker = breaker(Classification.defaults());
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<String> call = breaker.callAsync(() -> stage);
        call.completeExceptionally(new TimeoutException());
        assertThat(stage).isCancelled();
        assertThat(metrics(breaker).failed()).isEqualTo(1);
        assertThat(breaker.callAsync(CompletableFuture<String>::new).orTimeout(1, TimeUnit.MILLISECONDS))
                .failsWithin(ofSeconds(10));
        // The timer's thread counts it after the caller can see it.
        await().untilAsserted(() -> assertThat(metrics(breaker).failed()).isEqualTo(2));
        assertThat(breaker.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void cancellationIsAFailureWhenItIsRecorded() {
        CircuitBreaker breaker = breaker(Classification.defaults().recording(CancellationException.class));
        for (int i = 0; i < 2; i++) {
            assertThat(breaker.callAsync(() -> CompletableFuture.failedFuture(new CancellationException())))
                    .isCompletedExceptionally();
        }
        assertThat(breaker.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void aCancelledFutureCancelsItsStageAndIsIgnored() {
        CircuitBreaker breaker = breaker(Classification.defaults());
        CompletableFuture<String> stage = new CompletableFuture<>();
        breaker.callAsync(() -> stage).cancel(true);
        assertThat(stage).isCancelled();
        assertThat(metrics(breaker).lifetime().ignored()).isEqualTo(1);
        breaker.force(CircuitState.FORCED_OPEN);
        assertThat(breaker.callAsync(() -> stage)).isCompletedExceptionally();
    }

    @Test
    void aListenerThatThrowsAnErrorChangesNothingAndIsCounted() {
        CircuitBreaker breaker = CircuitBreaker.builder("b")
                .config(Breaker.count(10, 2, 50))
                .ticker(time)
                .listener(new CircuitBreakerListener() {
                    @Override
                    public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
                        throw new AssertionError("listener's own");
                    }
                })
                .build();
        breaker.release(breaker.acquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
        assertThat(breaker.release(breaker.acquire(time.nanos()), Outcome.FAILURE, 0, time.nanos()))
                .isEqualTo(CircuitBreaker.Recorded.RECORDED);
        assertThat(breaker.state()).isEqualTo(CircuitState.OPEN);
        assertThat(metrics(breaker).lifetime().listenerErrors()).isEqualTo(1);
    }

    @Test
    void retryAfterExtendsTheWaitUpToTheCapAndNeverShortensIt() {
        CircuitBreaker breaker = breaker(Classification.defaults());
        breaker.retryAfter(ofSeconds(30));
        assertThat(breaker.state()).isEqualTo(CircuitState.CLOSED);
        breaker.force(CircuitState.OPEN);
        breaker.retryAfter(ofSeconds(1));
        assertThat(breaker.remaining(time.nanos())).isEqualTo(ofSeconds(5));
        breaker.retryAfter(ofSeconds(30));
        assertThat(breaker.remaining(time.nanos())).isEqualTo(ofSeconds(30));
        breaker.retryAfter(Duration.ofDays(100_000));
        assertThat(breaker.remaining(time.nanos())).isEqualTo(ofSeconds(60));
    }

    @Test
    void anotherConfigurationBeginsAnewAndLeavesLatches() {
        CircuitBreaker breaker = breaker(Classification.defaults());
        Object early = breaker.acquire(time.nanos());
        breaker.release(breaker.acquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
        breaker.reconfigure(Breaker.count(10, 1, 50));
        assertThat(metrics(breaker).calls()).isZero();
        assertThat(breaker.release(early, Outcome.FAILURE, 0, time.nanos())).isEqualTo(CircuitBreaker.Recorded.LATE);
        assertThat(breaker.state()).isEqualTo(CircuitState.CLOSED);
        breaker.release(breaker.acquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
        assertThat(breaker.state()).as("by the new minimum of one").isEqualTo(CircuitState.OPEN);
        for (CircuitState latch :
                new CircuitState[] {CircuitState.FORCED_OPEN, CircuitState.DISABLED, CircuitState.METRICS_ONLY}) {
            breaker.force(latch);
            breaker.reconfigure(Breaker.count(20, 2, 50));
            assertThat(breaker.state()).isEqualTo(latch);
        }
        breaker.force(CircuitState.OPEN);
        breaker.reconfigure(Breaker.count(20, 2, 50));
        assertThat(breaker.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void callsThatHangOpenItWhenTheyAreCounted() {
        CircuitBreakerConfig.Trip trip = CircuitBreakerConfig.defaults().trip().slow(ofSeconds(1), 50);
        CircuitBreakerConfig config = Breaker.count(10, 4, 50)
                .withTrip(new CircuitBreakerConfig.Trip(4, 50, 50, trip.slowAfter(), 0, 0, true));
        CircuitBreaker breaker =
                CircuitBreaker.builder("b").config(config).ticker(time).build();
        Object[] hanging = new Object[4];
        for (int i = 0; i < 4; i++) {
            hanging[i] = breaker.acquire(time.nanos());
        }
        time.jump(ofMillis(999).toNanos());
        breaker.cancel(breaker.acquire(time.nanos()));
        assertThat(breaker.state()).isEqualTo(CircuitState.CLOSED);
        time.jump(ofMillis(200).toNanos());
        assertThat(metrics(breaker).slow()).isEqualTo(4);
        assertThat(breaker.tryAcquire(time.nanos())).isNull();
        assertThat(breaker.state()).isEqualTo(CircuitState.OPEN);
        assertThat(breaker.release(hanging[0], Outcome.SUCCESS, 0, time.nanos()))
                .isEqualTo(CircuitBreaker.Recorded.LATE);
    }

    @Test
    void aCallInFlightIsCountedOnceWhateverItsEnd() {
        CircuitBreakerConfig config = Breaker.count(10, 10, 50)
                .withTrip(new CircuitBreakerConfig.Trip(10, 100, 100, ofSeconds(1), 0, 0, true));
        CircuitBreaker breaker =
                CircuitBreaker.builder("b").config(config).ticker(time).build();
        Object permit = breaker.acquire(time.nanos());
        time.jump(ofSeconds(100).toNanos());
        Object another = breaker.acquire(time.nanos());
        assertThat(metrics(breaker).calls()).isEqualTo(1);
        breaker.release(permit, Outcome.SUCCESS, ofSeconds(100).toNanos(), time.nanos());
        assertThat(metrics(breaker).calls()).isEqualTo(1);
        assertThat(metrics(breaker).slow()).isEqualTo(1);
        assertThat(breaker.release(permit, Outcome.SUCCESS, 0, time.nanos())).isEqualTo(CircuitBreaker.Recorded.LATE);
        breaker.cancel(another);
        time.jump(ofSeconds(100).toNanos());
        assertThat(metrics(breaker).calls()).isEqualTo(1);
    }

    @Test
    void halfOpenForTooLongItGoesWhereItIsTold() {
        for (CircuitState then : new CircuitState[] {CircuitState.OPEN, CircuitState.CLOSED}) {
            CircuitBreakerConfig.HalfOpen halfOpen = CircuitBreakerConfig.HalfOpen.of(2, 2, false, ofSeconds(60));
            CircuitBreaker breaker = CircuitBreaker.builder("b")
                    .config(Breaker.count(10, 2, 50).withHalfOpen(halfOpen.atMost(ofSeconds(20), then)))
                    .ticker(time)
                    .build();
            breaker.force(CircuitState.OPEN);
            time.jump(ofSeconds(5).toNanos());
            breaker.acquire(time.nanos());
            time.jump(ofSeconds(20).toNanos() - 1);
            assertThat(breaker.tryAcquire(time.nanos())).isNotNull();
            time.jump(1);
            boolean permitted = breaker.tryAcquire(time.nanos()) != null;
            assertThat(breaker.state()).isEqualTo(then);
            assertThat(permitted).isEqualTo(then == CircuitState.CLOSED);
        }
    }

    @Test
    void aServicesGuardMeasuresAndRejectsOnlyWhenAsked() {
        CircuitBreakerServiceGuards guards = new CircuitBreakerServiceGuards(Breaker.count(10, 2, 50));
        var measuring = guards.newGuard("orders", false, time.environment());
        var rejecting = guards.newGuard("orders", true, time.environment());
        for (int i = 0; i < 2; i++) {
            measuring.release(measuring.tryAcquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
            rejecting.release(rejecting.tryAcquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
        }
        assertThat(measuring.tryAcquire(time.nanos())).isNotNull();
        assertThat(measuring.describe(time.nanos()).reason()).isEqualTo("would have opened: 2 of 2 calls failed");
        assertThat(rejecting.tryAcquire(time.nanos())).isNull();
        assertThat(rejecting.describe(time.nanos()).nanosToProbe())
                .isEqualTo(ofSeconds(5).toNanos());
    }

    @Test
    void aConfigurationSaysWhatIsWrongWithIt() {
        CircuitBreakerConfig.HalfOpen halfOpen = CircuitBreakerConfig.defaults().halfOpen();
        assertThatThrownBy(() -> halfOpen.atMost(ofSeconds(1), CircuitState.DISABLED))
                .hasMessage("halfOpen whenOver: DISABLED (expected: OPEN or CLOSED)");
        assertThatThrownBy(() -> new CircuitBreakerConfig.Open(ofSeconds(1), ofSeconds(2), Double.NaN, 0))
                .hasMessage("open multiplier: NaN (expected: 1..10)");
        assertThatThrownBy(() -> CircuitBreakerConfig.defaults().trip().countingInFlight())
                .hasMessage("slowAfter: PT0S (expected: above zero to count calls in flight)");
    }
}
