// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.circuitbreaker.CircuitState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** States set by hand, and what is told of them. */
final class StateCases {
    static final List<Case> ALL = List.of(
            new Case("T39", "forced open it rejects until an operator ends it", StateCases::forcedOpen),
            new Case("T40", "disabled it lets all pass and counts nothing", StateCases::disabled),
            new Case("T41", "counting only, it tells of each threshold once", StateCases::metricsOnly),
            new Case(
                    "T42",
                    "a reset empties, no state follows itself, nothing is half-open out of closed",
                    StateCases::reset));

    private StateCases() {}

    private static void forcedOpen(Case.Maker maker) {
        Script s = maker.script(Setup.any());
        Object early = s.acquire();
        s.sut.force(CircuitState.FORCED_OPEN);
        s.rejects().seconds(6).rejects().is(CircuitState.FORCED_OPEN);
        assertThat(s.sut.metrics().notPermitted()).isEqualTo(2);
        s.sut.ok(early, Duration.ZERO);
        s.is(CircuitState.FORCED_OPEN);
        s.sut.reset();
        s.is(CircuitState.CLOSED).acquire();
    }

    private static void disabled(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 2, 50));
        s.sut.force(CircuitState.DISABLED);
        s.play("FFFS").is(CircuitState.DISABLED).shows(-1, 0, 0, 0, 0);
        assertThat(s.sut.events()).containsExactly("CLOSED>DISABLED");
    }

    private static void metricsOnly(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 5, 50).slow(Duration.ofSeconds(1), 50));
        s.sut.force(CircuitState.METRICS_ONLY);
        s.play("FFFSS").is(CircuitState.METRICS_ONLY).shows(60, 2, 5, 3, 0);
        assertThat(s.sut.events()).containsExactly("CLOSED>METRICS_ONLY", "exceeded");
        s.play("F");
        assertThat(s.sut.events()).hasSize(2);
        Script slow = maker.script(Setup.count(10, 5, 50).slow(Duration.ofSeconds(1), 50));
        slow.sut.force(CircuitState.METRICS_ONLY);
        for (int i = 0; i < 5; i++) {
            slow.fail(Duration.ofSeconds(2));
        }
        assertThat(slow.sut.events()).containsExactly("CLOSED>METRICS_ONLY", "exceeded", "exceeded");
    }

    private static void reset(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 2, 50)).play("FF");
        s.sut.reset();
        s.is(CircuitState.CLOSED).shows(-1, 0, 0, 0, 0);
        assertThat(s.sut.events()).contains("OPEN>CLOSED");
        int told = s.sut.events().size();
        s.play("F");
        s.sut.reset();
        s.sut.force(CircuitState.CLOSED);
        s.shows(-1, 0, 0, 0, 0);
        assertThat(s.sut.events()).hasSize(told);
        assertThatThrownBy(() -> s.sut.force(CircuitState.HALF_OPEN))
                .isInstanceOfAny(IllegalArgumentException.class, RuntimeException.class)
                .isNotInstanceOf(Sut.Lacking.class);
        s.is(CircuitState.CLOSED);
        s.sut.fail(s.acquire(), Duration.ZERO, new IOException("down"));
    }
}
