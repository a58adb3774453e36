// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.admin.Model.Event;
import io.fairlead.api.AttemptEvent;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.spi.Environment;
import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of the events of a process. */
class EventLogTest {
    private final EventLog log = new EventLog();

    @Test
    void aServiceThatFlapsDoesNotWashOutTheOthers() {
        log.onPanic("billing", true);
        for (int i = 0; i < 1_000; i++) {
            log.onPanic("orders", i % 2 == 0);
        }

        assertThat(log.ring().newest(EventRing.MOST)).hasSize(EventRing.MOST_OF_ONE + 1);
        assertThat(log.ring().ofService("billing")).hasSize(1);
        assertThat(log.ring().newest(1).get(0).seq()).isEqualTo(1_001);
    }

    @Test
    void manyServicesTogetherKeepTheLastFiveHundred() {
        for (int i = 0; i < 2_000; i++) {
            log.onPanic("service" + i, true);
        }

        assertThat(log.ring().newest(10_000)).hasSize(EventRing.MOST);
        assertThat(log.ring().newest(1).get(0).service()).isEqualTo("service1999");
    }

    @Test
    void whatHappensWithEveryCallIsToldOnceASecond() {
        for (int i = 0; i < 10_000; i++) {
            log.onNoInstance(new NoInstanceException("orders", NoInstanceException.Reason.EMPTY, "no instance"));
        }

        List<Event> told = log.ring().ofService("orders");
        assertThat(told).hasSizeLessThan(30).isNotEmpty();
        assertThat(told.get(told.size() - 1).to()).isEqualTo("empty");
    }

    @Test
    void textsAreCut() {
        log.onInstancesHeld("orders", 1, "x".repeat(10_000));

        assertThat(log.ring().newest(1).get(0).text()).hasSizeLessThan(600);
    }

    @Test
    void theLastFailureOfAnInstanceIsKeptInWords() {
        log.onFailedAttempt(failed(503, null));
        assertThat(log.failures().of("orders", "orders-1").text()).isEqualTo("status 503 after 2.5 ms");

        log.onFailedAttempt(failed(0, new ConnectException("refused")));
        assertThat(log.failures().of("orders", "orders-1").text()).isEqualTo("ConnectException: refused after 2.5 ms");
        assertThat(log.failures().of("orders", "orders-2")).isNull();
    }

    private static AttemptEvent failed(int status, Exception error) {
        return new AttemptEvent(
                AdminServerTest.instance("orders", 1),
                1,
                AttemptEvent.Kind.FIRST,
                Outcome.FAILURE,
                status,
                error,
                2_500_000,
                null);
    }

    @Test
    void attemptsThatSucceedAreMadeForNobody() {
        assertThat(Environment.system().withListener(log).hearsAttempts()).isFalse();
        assertThat(Environment.system().withListener(log).hearsCalls()).isFalse();
    }

    @Test
    void picksAreKeptOnlyWhileSomebodyWatchesAndFiftyASecond() {
        log.onAttempt(AdminServerTest.instance("orders", 1), 1, Outcome.SUCCESS, 1);
        assertThat(log.picks().of("orders")).isEmpty();

        log.picks().arm();
        for (int i = 0; i < 100; i++) {
            log.onAttempt(AdminServerTest.instance("billing", 1), 1, Outcome.SUCCESS, 1);
            log.onAttempt(AdminServerTest.instance("orders", 1), 2, Outcome.SUCCESS, 1);
        }
        assertThat(log.picks().of("orders")).hasSizeBetween(25, 50);
        assertThat(log.picks().of("orders").get(0).kind()).isEqualTo("again");
    }
}
