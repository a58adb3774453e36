// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The breaker as an instance's guard: votes from outside and the trial after a return. */
class GuardTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private boolean mayEject = true;
    private boolean seated;
    private final InstanceGuard guard = new CircuitBreakerGuards()
            .newGuard(
                    ServiceInstance.builder("orders")
                            .id("a")
                            .address("10.0.0.1", 8080)
                            .build(),
                    new InstanceGuard.EjectionCap() {
                        @Override
                        public boolean tryEject(String reason) {
                            seated |= mayEject;
                            return mayEject;
                        }

                        @Override
                        public void restore(String reason) {
                            seated = false;
                        }

                        @Override
                        public long unreported() {
                            return 0;
                        }
                    },
                    time.environment(1, events));

    @Test
    void anotherFactoryOfBreakersTakesItOverWithWhatItCounted() {
        play(Outcome.FAILURE);
        play(Outcome.FAILURE);
        play(Outcome.FAILURE);
        CircuitBreakerConfig usual = CircuitBreakerConfig.perInstance();
        CircuitBreakerGuards four =
                new CircuitBreakerGuards(usual.withTrip(usual.trip().consecutive(4, 4)));
        assertThat(four.adoptsGuardsOf(new CircuitBreakerGuards())).isTrue();
        four.adoption(guard).run();
        assertThat(seated).isFalse();
        play(Outcome.FAILURE);
        assertThat(seated).isTrue();
    }

    @Test
    void anotherFactoryOfServiceBreakersTakesOverItsKindAlone() {
        ServiceGuard.Factory factory = new CircuitBreakerServiceGuards();
        ServiceGuard measuring = factory.newGuard("orders", false, time.environment(1, events));
        assertThat(factory.adoption(measuring)).isNotNull();
        assertThat(measuring.describe(time.nanos()).state()).isEqualTo(GuardState.METRICS_ONLY);
    }

    @Test
    void aVoteFromOutsideOpensThroughTheCapAndRecoversThroughTheProbes() {
        guard.trip("worse than its peers", time.nanos());
        assertThat(seated).isTrue();
        assertThat(guard.tryAcquire(time.nanos())).isNull();
        time.advance(Duration.ofSeconds(6));
        play(Outcome.SUCCESS);
        play(Outcome.SUCCESS);
        assertThat(seated).isFalse();
        assertThat(events.events("guard"))
                .containsExactly("guard a CLOSED OPEN", "guard a OPEN HALF_OPEN", "guard a HALF_OPEN CLOSED");
    }

    @Test
    void aVoteThatTheCapRefusesChangesNothing() {
        mayEject = false;
        guard.trip("worse than its peers", time.nanos());
        assertThat(guard.isAvailable(time.nanos())).isTrue();
        assertThat(guard.describe(time.nanos()).reason()).contains("worse than its peers");
    }

    @Test
    void whatTheServerAsksForExtendsTheWaitAndNeverShortensIt() {
        guard.retryAfter(Duration.ofSeconds(20), time.nanos());
        assertThat(guard.isAvailable(time.nanos()))
                .as("closed: nothing to extend")
                .isTrue();
        guard.trip("check failed", time.nanos());
        guard.retryAfter(Duration.ofSeconds(1), time.nanos());
        assertThat(guard.describe(time.nanos()).nanosToProbe()).isGreaterThan(3_900_000_000L);
        guard.retryAfter(Duration.ofSeconds(20), time.nanos());
        assertThat(guard.describe(time.nanos()).nanosToProbe()).isEqualTo(20_000_000_000L);
        guard.retryAfter(Duration.ofHours(1), time.nanos());
        assertThat(guard.describe(time.nanos()).nanosToProbe()).as("the cap").isEqualTo(60_000_000_000L);
    }

    @Test
    void aVoteWhileProbingSendsItBackForLonger() {
        guard.trip("check failed", time.nanos());
        time.advance(Duration.ofSeconds(6));
        Object probe = guard.tryAcquire(time.nanos());
        guard.trip("check failed", time.nanos());
        guard.release(Objects.requireNonNull(probe), Outcome.SUCCESS, 0, time.nanos());
        time.advance(Duration.ofMillis(7_900));
        assertThat(guard.isAvailable(time.nanos())).isFalse();
        time.advance(Duration.ofMillis(4_200));
        assertThat(guard.isAvailable(time.nanos())).isTrue();
    }

    @Test
    void theFirstFailureAfterAReturnTakesItOutAgain() {
        comeBack();
        play(Outcome.IGNORED);
        play(Outcome.FAILURE);
        assertThat(guard.describe(time.nanos()).state()).isEqualTo(GuardState.OPEN);
        assertThat(guard.describe(time.nanos()).reason()).isEqualTo("failed right after its return");
    }

    @Test
    void oneSuccessAfterAReturnIsEnoughToBeJudgedLikeTheOthers() {
        comeBack();
        play(Outcome.SUCCESS);
        play(Outcome.FAILURE);
        assertThat(guard.describe(time.nanos()).state()).isEqualTo(GuardState.CLOSED);
    }

    @Test
    void aLateResultIsNoTrial() {
        Object early = Objects.requireNonNull(guard.tryAcquire(time.nanos()));
        comeBack();
        guard.release(early, Outcome.FAILURE, 0, time.nanos());
        assertThat(guard.describe(time.nanos()).state()).isEqualTo(GuardState.CLOSED);
    }

    private void comeBack() {
        guard.trip("worse than its peers", time.nanos());
        time.advance(Duration.ofSeconds(6));
        play(Outcome.SUCCESS);
        play(Outcome.SUCCESS);
    }

    private void play(Outcome outcome) {
        Object permit = Objects.requireNonNull(guard.tryAcquire(time.nanos()), "rejected");
        guard.release(permit, outcome, 0, time.nanos());
    }
}
