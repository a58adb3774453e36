// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.circuitbreaker.CircuitState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Half-open: how many pass, and what decides. */
final class HalfOpenCases {
    static final List<Case> ALL = List.of(
            new Case("T25", "exactly as many probes pass as may, each time", HalfOpenCases::asManyAsMay),
            new Case("T26", "the results of the probes decide once all are in", HalfOpenCases::resultsDecide),
            new Case("T27", "slow probes open it again", HalfOpenCases::slowProbes),
            new Case(
                    "T28",
                    "ignored probes count for nothing and give their permits back",
                    HalfOpenCases::ignoredProbes),
            new Case("T29", "it decides as soon as the outcome is certain", HalfOpenCases::decidesEarly),
            new Case("T30", "probes under way hold their permits", HalfOpenCases::underWay),
            new Case("T31=R12", "all probes decide, not the minimum of the window", HalfOpenCases::allDecide));

    private HalfOpenCases() {}

    private static void asManyAsMay(Case.Maker maker) {
        Script s = maker.script(Setup.any());
        for (int round = 0; round < 2; round++) {
            s.halfOpen();
            List<Object> permits = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                permits.add(s.acquire());
            }
            s.rejects().rejects();
            permits.forEach(permit -> s.sut.fail(permit, Duration.ZERO, new IOException("down")));
            s.is(CircuitState.OPEN);
        }
    }

    private static void resultsDecide(Case.Maker maker) {
        Script bad = maker.script(Setup.count(10, 4, 50)).halfOpen();
        bad.play("FFS").is(CircuitState.HALF_OPEN).play("F").is(CircuitState.OPEN);
        bad.shows(75, 1, 4, 3, 0);
        Script good = maker.script(Setup.count(10, 4, 50)).halfOpen();
        good.play("FSSS")
                .is(CircuitState.CLOSED)
                .shows(-1, 0, 0, 0, 0)
                .play("S")
                .shows(-1, 1, 1, 0, 0);
    }

    private static void slowProbes(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 4, 50).slow(ofSeconds(4), 50)).halfOpen();
        s.ok(ofSeconds(5)).ok(ofSeconds(5)).ok(ofSeconds(5)).is(CircuitState.HALF_OPEN);
        s.ok(ofSeconds(1)).is(CircuitState.OPEN);
        assertThat(s.sut.metrics().slowRate()).isEqualTo(75);
        assertThat(s.sut.metrics().failureRate()).isZero();
    }

    private static void ignoredProbes(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 4, 50)).halfOpen();
        s.play("IIII").is(CircuitState.HALF_OPEN).shows(-1, 0, 0, 0, 0);
        s.play("SSS").is(CircuitState.HALF_OPEN).play("I").is(CircuitState.HALF_OPEN);
        s.play("S").is(CircuitState.CLOSED);
    }

    private static void decidesEarly(Case.Maker maker) {
        early(maker, 3, 33, "SS", "S", CircuitState.CLOSED);
        early(maker, 3, 33, "S", "F", CircuitState.OPEN);
        early(maker, 3, 66, "FS", "S", CircuitState.CLOSED);
        early(maker, 3, 66, "FS", "F", CircuitState.OPEN);
        early(maker, 4, 50, "SFS", "F", CircuitState.OPEN);
        early(maker, 4, 50, "SFS", "S", CircuitState.CLOSED);
        early(maker, 4, 75, "SFF", "F", CircuitState.OPEN);
        early(maker, 4, 75, "SFF", "S", CircuitState.CLOSED);
    }

    private static void early(
            Case.Maker maker, int probes, int failureRate, String undecided, String last, CircuitState then) {
        Script s = maker.script(Setup.count(10, 2, failureRate).probes(probes, true))
                .halfOpen();
        s.play(undecided).is(CircuitState.HALF_OPEN).play(last).is(then);
    }

    private static void underWay(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(3, false)).halfOpen();
        List<Object> permits = List.of(s.acquire(), s.acquire(), s.acquire());
        s.rejects().rejects().rejects().rejects().rejects();
        s.sut.ok(permits.get(0), Duration.ZERO);
        s.sut.ok(permits.get(1), Duration.ZERO);
        s.rejects().is(CircuitState.HALF_OPEN);
        s.sut.ok(permits.get(2), Duration.ZERO);
        s.is(CircuitState.CLOSED);
    }

    private static void allDecide(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(10, false)).halfOpen();
        for (int i = 0; i < 9; i++) {
            s.play("S").is(CircuitState.HALF_OPEN);
        }
        s.play("S").is(CircuitState.CLOSED);
    }
}
