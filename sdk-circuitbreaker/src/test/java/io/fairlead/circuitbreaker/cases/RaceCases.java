// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static java.time.Duration.ofMillis;

import io.fairlead.circuitbreaker.CircuitState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** What went wrong in other breakers: late results, clocks that step back, operators overruled. */
final class RaceCases {
    static final List<Case> ALL = List.of(
            new Case("R1", "a late success does not close a half-open breaker", RaceCases::lateSuccess),
            new Case("R1b", "a late failure does not open a half-open breaker", RaceCases::lateFailure),
            new Case("R2", "late ignored results make no further probes", RaceCases::lateIgnoredMakeNoProbes),
            new Case("R2b", "late successes make no further probes", RaceCases::lateSuccessesMakeNoProbes),
            new Case("R5", "a wait is not shortened by the wait before it", RaceCases::noOldTimer),
            new Case("R6", "a clock that steps back a second disables nothing", RaceCases::stepBack),
            new Case("R8", "an operator who forces it open while it opens is obeyed", RaceCases::operatorWins));

    private RaceCases() {}

    private static void lateSuccess(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(1, false));
        Object early = s.acquire();
        s.halfOpen().acquire();
        s.is(CircuitState.HALF_OPEN);
        s.sut.ok(early, Duration.ZERO);
        s.is(CircuitState.HALF_OPEN);
    }

    private static void lateFailure(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(1, false));
        Object early = s.acquire();
        s.halfOpen().acquire();
        s.is(CircuitState.HALF_OPEN);
        s.sut.fail(early, Duration.ZERO, new IOException("down"));
        s.is(CircuitState.HALF_OPEN);
    }

    private static void lateIgnoredMakeNoProbes(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(2, false));
        List<Object> early = List.of(s.acquire(), s.acquire());
        s.halfOpen();
        s.acquire();
        s.acquire();
        s.rejects();
        early.forEach(s.sut::ignore);
        s.rejects().is(CircuitState.HALF_OPEN);
    }

    private static void lateSuccessesMakeNoProbes(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(3, false));
        Object early = s.acquire();
        s.halfOpen();
        s.acquire();
        s.acquire();
        s.acquire();
        s.rejects();
        s.sut.ok(early, Duration.ZERO);
        s.rejects().is(CircuitState.HALF_OPEN);
    }

    private static void noOldTimer(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 2, 50).open(Duration.ofSeconds(1), 1))
                .play("FF");
        s.plus(ofMillis(700));
        s.sut.reset();
        s.open().plus(ofMillis(999)).rejects().plus(ofMillis(2)).acquire();
    }

    private static void stepBack(Case.Maker maker) {
        Script s = maker.script(Setup.time(10, 20, 50)).seconds(0.5).play("S").seconds(-1);
        for (int i = 0; i < 100 && s.sut.state() == CircuitState.CLOSED; i++) {
            s.play("F").seconds(0.1);
        }
        s.is(CircuitState.OPEN);
    }

    private static void operatorWins(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 2, 50));
        s.sut.onceWhileOpening(() -> s.sut.force(CircuitState.FORCED_OPEN));
        s.play("FF").is(CircuitState.FORCED_OPEN).seconds(60).rejects().is(CircuitState.FORCED_OPEN);
    }
}
