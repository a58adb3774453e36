// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration.State;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A registration's days and nights, on virtual time. */
class RegistrationLoopTest {
    private static final ServiceInstance ONE =
            ServiceInstance.builder("orders").id("one").address("10.0.0.1", 80).build();

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final Backend backend = new Backend();

    @Test
    void beatsOnTimeForADayWithoutDrift() {
        start(HealthCheck.ttl());
        time.advance(Duration.ofHours(24));
        assertThat(backend.beats).hasSize(24 * 720);
        assertThat(backend.writes).isEqualTo(1);
        assertThat(backend.readBacks).isBetween(2_300, 3_600);
    }

    @Test
    void aTtlBeatsThreeTimesInIt() {
        start(HealthCheck.ttl().every(Duration.ofSeconds(3)));
        time.advance(Duration.ofSeconds(30));
        assertThat(backend.beats).hasSize(30);
    }

    @Test
    void oneExceptionStopsNothing() {
        RegistrationLoop loop = start(HealthCheck.ttl());
        backend.failure = new IllegalStateException("odd");
        time.advance(Duration.ofSeconds(6));
        assertThat(loop.state()).isEqualTo(State.REPAIRING);
        assertThat(loop.lastError()).hasMessageContaining("odd");
        backend.failure = null;
        time.advance(Duration.ofSeconds(6));
        assertThat(loop.state()).isEqualTo(State.REGISTERED);
        assertThat(events.events("lost")).hasSize(1);
        assertThat(events.events("repaired")).hasSize(1);
    }

    @Test
    void whatTheRegistryForgotIsWrittenAgain() {
        start(HealthCheck.ttl());
        backend.record = null;
        time.advance(Duration.ofSeconds(5));
        assertThat(backend.record).isEqualTo(ONE);
    }

    @Test
    void aRecordThatSomebodyChangedIsWrittenAgain() {
        start(HealthCheck.none());
        backend.record = ONE.toBuilder().weight(99).build();
        time.advance(Duration.ofSeconds(45));
        assertThat(backend.record).isEqualTo(ONE);
        assertThat(events.events("lost one the registry's record is absent or differs"))
                .hasSize(1);
    }

    @Test
    void aLongOutageIsTriedAtMostTwelveTimesAMinute() {
        start(HealthCheck.ttl());
        backend.failure = new RegistryException(RegistryException.Reason.UNREACHABLE, "down");
        time.advance(Duration.ofMinutes(1));
        int early = backend.tries;
        time.advance(Duration.ofMinutes(9));
        assertThat(early).isLessThanOrEqualTo(30);
        assertThat((backend.tries - early) / 9.0).isBetween(10.0, 30.0);
    }

    @Test
    void notReadyUntilTheApplicationSaysSo() {
        RegistrationLoop loop = RegistrationLoop.start(
                ONE.withStatus(InstanceStatus.CRITICAL),
                HealthCheck.ttl(),
                backend,
                RegistrationTiming.defaults(),
                false,
                time.environment(1, events),
                () -> {});
        assertThat(backend.record.status()).isEqualTo(InstanceStatus.CRITICAL);
        loop.report(InstanceStatus.PASSING, "warmed up");
        assertThat(backend.record.status()).isEqualTo(InstanceStatus.PASSING);
        loop.report(InstanceStatus.WARNING, "slow");
        assertThat(backend.record.status()).isEqualTo(InstanceStatus.WARNING);
    }

    @Test
    void leavesInOrder() {
        RegistrationLoop loop = start(HealthCheck.ttl());
        CompletableFuture<Void> closed = loop.closeAsync();
        assertThat(backend.record.status()).isEqualTo(InstanceStatus.DRAINING);
        time.advance(Duration.ofMillis(999));
        assertThat(backend.record).isNotNull();
        time.advance(Duration.ofMillis(1));
        assertThat(backend.record).isNull();
        assertThat(closed).isNotDone();
        time.advance(Duration.ofSeconds(9));
        assertThat(closed).isNotDone();
        time.advance(Duration.ofSeconds(1));
        assertThat(closed).isDone();
        assertThat(loop.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void anIdleApplicationNeedNotWait() {
        RegistrationLoop loop = start(HealthCheck.ttl());
        CompletableFuture<Void> closed = loop.closeAsync();
        time.advance(Duration.ofSeconds(2));
        assertThat(closed).isNotDone();
        loop.idle();
        assertThat(closed).isDone();
    }

    @Test
    void aDeadRegistryDelaysTheEndByThreeSecondsAtMost() {
        RegistrationLoop loop = start(HealthCheck.ttl());
        backend.failure = new RegistryException(RegistryException.Reason.UNREACHABLE, "down");
        CompletableFuture<Void> closed = loop.closeAsync();
        time.advance(Duration.ofSeconds(3));
        assertThat(closed).isDone();
    }

    @Test
    void noLateBeatBringsItBack() {
        SplittableRandom random = new SplittableRandom(44);
        for (int i = 0; i < 500; i++) {
            RegistrationLoop loop = start(HealthCheck.ttl());
            time.advance(Duration.ofMillis(random.nextInt(12_000)));
            if (random.nextBoolean()) {
                backend.failure = new RegistryException(RegistryException.Reason.UNREACHABLE, "blink");
                time.advance(Duration.ofMillis(random.nextInt(6_000)));
                backend.failure = null;
            }
            loop.closeAsync();
            loop.report(InstanceStatus.CRITICAL, "late news");
            time.advance(Duration.ofMillis(random.nextInt(3_000)));
            loop.report(InstanceStatus.PASSING, "later news");
            time.advance(Duration.ofMinutes(2));
            assertThat(backend.record).as("race " + i).isNull();
            assertThat(loop.state()).isEqualTo(State.CLOSED);
        }
    }

    @Test
    void theFirstWriteFailingLeavesNothingBehind() {
        backend.failure = new RegistryException(RegistryException.Reason.UNREACHABLE, "down");
        assertThatThrownBy(() -> start(HealthCheck.ttl())).isInstanceOf(RegistryException.class);
        backend.failure = null;
        time.advance(Duration.ofHours(1));
        assertThat(backend.record).isNull();
    }

    private RegistrationLoop start(HealthCheck check) {
        return RegistrationLoop.start(
                ONE, check, backend, RegistrationTiming.defaults(), false, time.environment(1, events), () -> {});
    }

    /** A registry of one record. */
    private final class Backend implements RegistrationBackend {
        final List<Long> beats = new ArrayList<>();

        @Nullable
        ServiceInstance record;

        @Nullable
        RuntimeException failure;

        int writes;
        int readBacks;
        int tries;

        @Override
        public void write(ServiceInstance instance) {
            failIfTold();
            writes++;
            record = instance;
        }

        @Override
        public boolean beat(ServiceInstance instance) {
            failIfTold();
            beats.add(time.nanos());
            return record != null;
        }

        @Override
        public boolean isIntact(ServiceInstance instance) {
            failIfTold();
            readBacks++;
            return instance.equals(record);
        }

        @Override
        public void remove() {
            failIfTold();
            record = null;
        }

        private void failIfTold() {
            tries++;
            if (failure != null) {
                throw failure;
            }
        }
    }
}
