// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.circuitbreaker.CircuitState;
import java.time.Duration;
import java.util.List;

/** Open: how long, and what ends it. */
final class OpenCases {
    static final List<Case> ALL = List.of(
            new Case("T17", "the wait rejects, then probes begin with nothing counted", OpenCases::waits),
            new Case("T18", "the time that remains falls to zero and no further", OpenCases::remaining),
            new Case("T19=R13", "exactly at the end of the wait a call passes", OpenCases::atTheEnd),
            new Case("T20", "the wait grows with each opening in a row", OpenCases::grows),
            new Case("T22", "opened for a time it opens for that time", OpenCases::openedForATime),
            new Case("T23", "every opening waits anew", OpenCases::waitsAnew));

    private OpenCases() {}

    private static void waits(Case.Maker maker) {
        Script s = maker.script(Setup.any()).open().is(CircuitState.OPEN);
        s.rejects().seconds(3).rejects();
        assertThat(s.sut.metrics().notPermitted()).isEqualTo(2);
        s.seconds(3).acquire();
        s.is(CircuitState.HALF_OPEN).shows(-1, 0, 0, 0, 0);
    }

    private static void remaining(Case.Maker maker) {
        Script s = maker.script(Setup.any());
        assertThat(s.sut.remaining()).isZero();
        s.open();
        Duration before = ofSeconds(6);
        for (int i = 0; i < 5; i++) {
            assertThat(s.sut.remaining()).isPositive().isLessThan(before);
            before = s.sut.remaining();
            s.seconds(1);
        }
        assertThat(s.sut.remaining()).isZero();
        s.seconds(1);
        assertThat(s.sut.remaining()).isZero();
    }

    private static void atTheEnd(Case.Maker maker) {
        Script s = maker.script(Setup.any()).open();
        s.plus(ofSeconds(5).minusNanos(1)).rejects().plus(Duration.ofNanos(1)).acquire();
    }

    private static void grows(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 2, 50).open(ofSeconds(5), 1.5).probes(2, false))
                .play("FF");
        s.seconds(3).rejects().seconds(3).play("FF").is(CircuitState.OPEN);
        s.seconds(6).rejects().seconds(5).acquire();
    }

    private static void openedForATime(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 2, 50));
        s.sut.openFor(ofHours(2));
        s.rejects().plus(ofHours(1)).rejects();
        assertThat(s.sut.metrics().notPermitted()).isEqualTo(2);
        s.plus(ofHours(1).plusSeconds(1)).acquire();
        Script until = maker.script(Setup.count(10, 2, 50));
        until.sut.openUntilIn(ofMinutes(30));
        until.plus(ofMinutes(29)).rejects().plus(ofMinutes(1).plusSeconds(1)).acquire();
    }

    private static void waitsAnew(Case.Maker maker) {
        Script s = maker.script(Setup.any().open(ofSeconds(1), 1));
        Duration justBefore = ofSeconds(1).minusNanos(1);
        s.sut.force(CircuitState.OPEN);
        s.plus(justBefore).rejects();
        s.sut.force(CircuitState.CLOSED);
        s.sut.force(CircuitState.OPEN);
        s.plus(justBefore).rejects().plus(Duration.ofMillis(2)).acquire();
    }
}
