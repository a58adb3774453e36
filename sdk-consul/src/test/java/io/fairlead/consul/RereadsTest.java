// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How often lists are read again, and that nothing ends it. */
class RereadsTest {
    private static final int SERVICES = 280;
    private static final int MOST_IN_A_SECOND = 300;

    private final VirtualTime time = new VirtualTime();
    private final List<String> read = new ArrayList<>();
    private final List<Throwable> told = new ArrayList<>();
    private final Queue<Throwable> thrown = new ArrayDeque<>();
    private final List<Service> services =
            IntStream.range(0, SERVICES).mapToObj(i -> new Service("s" + i)).toList();
    private final Rereads rereads = new Rereads("changes", time.environment(1, listener()), () -> {
        Throwable next = thrown.poll();
        if (next != null) {
            throw AnyThrowable.sneak(next);
        }
        return services;
    });

    private final class Service implements Rereads.Reader {
        private final String name;

        Service(String name) {
            this.name = name;
        }

        @Override
        public String service() {
            return name;
        }

        @Override
        public void readSoon() {
            read.add(name);
        }
    }

    private EventListener listener() {
        return new EventListener() {
            @Override
            public void onCallbackFailed(String where, Throwable failure) {
                told.add(failure);
            }
        };
    }

    @Test
    void aSweepReadsEachOnceWithinASecond() {
        rereads.start();
        rereads.sweep();
        rereads.sweep();
        time.advance(Duration.ofSeconds(1));
        assertThat(read).hasSize(SERVICES).doesNotHaveDuplicates();
        time.advance(Duration.ofMinutes(1));
        assertThat(read).hasSize(SERVICES);
    }

    @Test
    void aStormMakesThreeHundredReadsASecondAndEverybodysTurnComes() {
        rereads.start();
        Set<String> half = Set.copyOf(
                services.stream().limit(SERVICES / 2).map(Service::service).toList());
        for (int i = 0; i < 100; i++) {
            rereads.changed(half);
            rereads.found();
            rereads.sweep();
            time.advance(Duration.ofMillis(100));
        }
        assertThat(read.size()).isBetween(9 * MOST_IN_A_SECOND, 10 * MOST_IN_A_SECOND + 12);
        for (Service service : services) {
            assertThat(read.stream().filter(service.service()::equals).count()).isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void somebodyElsesChangesMakeAHundredReadsASecondUntilOneOfOurs() {
        rereads.start();
        churn(Duration.ofSeconds(30));
        read.clear();
        churn(Duration.ofSeconds(30));
        assertThat(read.size()).isBetween(9 * SERVICES, 11 * SERVICES);
        read.clear();
        rereads.found();
        churn(Duration.ofSeconds(5));
        assertThat(read.size()).isGreaterThan(4 * SERVICES);
    }

    @Test
    void whateverThrowsTheNextSweepComes() {
        rereads.start();
        int kinds = 0;
        for (Throwable kind : AnyThrowable.kinds().toList()) {
            thrown.add(kind);
            rereads.changed(Set.of("s7"));
            kinds++;
            time.advance(Duration.ofSeconds(20));
            assertThat(read).contains("s7");
            read.clear();
        }
        thrown.addAll(AnyThrowable.kinds().toList());
        rereads.sweep();
        time.advance(Duration.ofMinutes(2));
        assertThat(read).contains("s7");
        assertThat(told).hasSize(2 * kinds);
    }

    private void churn(Duration duration) {
        for (long millis = 0; millis < duration.toMillis(); millis += 100) {
            rereads.sweep();
            time.advance(Duration.ofMillis(100));
        }
    }
}
