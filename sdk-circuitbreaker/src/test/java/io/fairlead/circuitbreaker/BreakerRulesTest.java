// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.Outcome;
import io.fairlead.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** BreakerRules that no case and no other test states by itself. */
class BreakerRulesTest {
    private final Breaker b = new Breaker(Breaker.count(10, 2, 50));

    @Test
    void openItSaysOpenUntilACallAsksAndStartsNoTimer() {
        b.play("FF").plus(ofHours(1));
        assertThat(b.state()).isEqualTo(CircuitState.OPEN);
        assertThat(b.breaker.remaining(b.time.nanos())).isZero();
        assertThat(b.breaker.isAvailable(b.time.nanos())).isTrue();
        assertThat(b.state()).as("still: a read changes nothing").isEqualTo(CircuitState.OPEN);
        assertThat(b.acquire()).isNotNull();
        assertThat(b.state()).isEqualTo(CircuitState.HALF_OPEN);
    }

    @Test
    void aClockThatJumpsForwardEmptiesTheWindowAndGoesOnCounting() {
        Breaker timed = new Breaker(Breaker.time(10, 4, 50));
        timed.play("FFF");
        timed.time.jump(ofHours(24 * 400).toNanos());
        assertThat(timed.metrics()).isEqualTo(List.of(-1.0, 0, 0, 0, 0L));
        timed.play("FFF");
        assertThat(timed.state()).isEqualTo(CircuitState.CLOSED);
        timed.play("F");
        assertThat(timed.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void rejectionsHaveNoStackTraceAndTakeNothing() {
        b.play("FF");
        for (int i = 0; i < 100; i++) {
            assertThat(b.acquire()).isNull();
            assertThatThrownBy(() -> b.breaker.acquire(b.time.nanos()))
                    .isInstanceOf(CallNotPermittedException.class)
                    .satisfies(rejected -> assertThat(rejected.getStackTrace()).isEmpty());
        }
        assertThat(b.metrics().get(4)).isEqualTo(200L);
        assertThat(b.plus(ofSeconds(5)).acquire()).isNotNull();
    }

    @Test
    void aListenerThatAsksAgainSeesTheNewState() {
        VirtualTime time = new VirtualTime();
        List<CircuitState> seen = new ArrayList<>();
        CircuitBreaker[] itself = new CircuitBreaker[1];
        itself[0] = CircuitBreaker.builder("b")
                .config(Breaker.count(10, 2, 50))
                .ticker(time)
                .listener(new CircuitBreakerListener() {
                    @Override
                    public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
                        seen.add(itself[0].state());
                        assertThat(itself[0].tryAcquire(time.nanos())).isNull();
                    }
                })
                .build();
        for (int i = 0; i < 2; i++) {
            itself[0].release(itself[0].acquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
        }
        assertThat(seen).containsExactly(CircuitState.OPEN);
        assertThat(itself[0].metrics(time.nanos()).lifetime().listenerErrors()).isZero();
    }

    @Test
    void whatHalfOpenCountedIsNotInTheClosedWindowThatFollows() {
        b.play("FF").plus(ofSeconds(5)).play("SSS");
        assertThat(b.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(b.metrics()).isEqualTo(List.of(-1.0, 0, 0, 0, 0L));
        b.play("F");
        assertThat(b.state()).as("one call, not one of four").isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void aPartThatIsNullIsRefusedWhereItIsGiven() {
        CircuitBreakerConfig good = CircuitBreakerConfig.defaults();
        Map<String, ThrowingCallable> mistakes = Map.of(
                "window", () -> good.withWindow(null),
                "trip", () -> good.withTrip(null),
                "open", () -> good.withOpen(null),
                "halfOpen", () -> good.withHalfOpen(null));
        mistakes.forEach((part, mistake) -> assertThatThrownBy(mistake)
                .isInstanceOf(NullPointerException.class)
                .hasMessageStartingWith(part + ": null (expected: a"));
    }
}
