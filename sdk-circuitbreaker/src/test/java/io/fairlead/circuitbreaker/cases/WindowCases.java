// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.circuitbreaker.CircuitState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What is counted, for how long, and when it trips. */
final class WindowCases {
    static final List<Case> ALL = List.of(
            new Case("T01", "a window of calls holds the last calls", WindowCases::holdsTheLastCalls),
            new Case("T02", "a success that completes the minimum trips", WindowCases::aSuccessTrips),
            new Case("T03", "the threshold itself trips", WindowCases::theThresholdItselfTrips),
            new Case("T04", "slow calls trip, failed or not", WindowCases::slowCallsTrip),
            new Case("T05", "slow is longer than the limit, not equal to it", WindowCases::slowIsLonger),
            new Case("T06", "old buckets leave", WindowCases::oldBucketsLeave),
            new Case("T07", "reading changes nothing", WindowCases::readingChangesNothing),
            new Case("T08", "four buckets over 22 seconds", WindowCases::fourBuckets),
            new Case("T09", "rates are of the window, not of a life", WindowCases::ratesOfTheWindow),
            new Case(
                    "T10",
                    "it opens on the very failure that completes the minimum",
                    WindowCases::opensOnTheVeryFailure),
            new Case(
                    "T11", "ten of twenty trip at fifty percent, twelve of fifteen at eighty", WindowCases::comparator),
            new Case("T14a", "a window of time counts exactly under six threads", WindowCases::exactInTime),
            new Case("T14b", "a window of calls counts exactly under six threads", WindowCases::exactInCalls),
            new Case("R15", "a success trips when expiry leaves mostly failures", WindowCases::expiryTrips));

    private WindowCases() {}

    private static void holdsTheLastCalls(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 10, 50));
        s.sut.force(CircuitState.METRICS_ONLY);
        s.play("SSFF").shows(-1, 2, 4, 2, 0);
        s.play("FFFFSSSS").shows(60, 4, 10, 6, 0);
        s.play("SSS").shows(30, 7, 10, 3, 0);
    }

    private static void aSuccessTrips(Case.Maker maker) {
        Script s = maker.script(Setup.time(20, 5, 50));
        s.play("FFFS").is(CircuitState.CLOSED).shows(-1, 1, 4, 3, 0);
        s.play("S").is(CircuitState.OPEN).shows(60, 2, 5, 3, 0);
        assertThat(s.sut.events()).containsExactlyInAnyOrder("CLOSED>OPEN", "exceeded");
        s.rejects().shows(60, 2, 5, 3, 1);
    }

    private static void theThresholdItselfTrips(Case.Maker maker) {
        Script s = maker.script(Setup.time(20, 5, 50));
        s.play("S")
                .seconds(1)
                .play("S")
                .seconds(1)
                .play("S")
                .seconds(1)
                .play("F")
                .seconds(1);
        s.play("F").is(CircuitState.CLOSED).seconds(1).is(CircuitState.CLOSED);
        s.play("F").is(CircuitState.OPEN);
    }

    private static void slowCallsTrip(Case.Maker maker) {
        Script s = maker.script(Setup.time(20, 5, 50).slow(ofSeconds(4), 50));
        s.fail(ofSeconds(5))
                .ok(ofSeconds(5))
                .fail(ofMillis(100))
                .ok(ofMillis(100))
                .is(CircuitState.CLOSED);
        s.ok(ofSeconds(5)).is(CircuitState.OPEN);
        assertThat(s.sut.metrics()).isEqualTo(new Sut.Metrics(40, 3, 5, 2, 0, 60, 3));
    }

    private static void slowIsLonger(Case.Maker maker) {
        Script s = maker.script(Setup.count(5, 5, 50).slow(ofSeconds(4), 50));
        for (int i = 0; i < 5; i++) {
            s.ok(ofSeconds(4)).is(CircuitState.CLOSED);
        }
        assertThat(s.sut.metrics().slow()).isZero();
        Duration longer = ofSeconds(4).plusNanos(1);
        s.ok(longer).ok(longer).is(CircuitState.CLOSED).ok(longer).is(CircuitState.OPEN);
        assertThat(s.sut.metrics().slowRate()).isEqualTo(60);
    }

    private static void oldBucketsLeave(Case.Maker maker) {
        Script s = maker.script(Setup.time(5, 100, 50));
        s.play("F")
                .seconds(0.1)
                .play("S")
                .seconds(0.1)
                .play("S")
                .seconds(1)
                .play("S")
                .seconds(1);
        s.play("S").seconds(1).play("F").seconds(1).play("S").shows(-1, 5, 7, 2, 0);
        s.seconds(1).play("S").shows(-1, 4, 5, 1, 0);
        s.seconds(1).play("S").shows(-1, 4, 5, 1, 0);
        s.seconds(5).play("S").shows(-1, 1, 1, 0, 0);
    }

    private static void readingChangesNothing(Case.Maker maker) {
        for (int reads : new int[] {0, 1_000}) {
            Script s = maker.script(Setup.time(5, 100, 50).slow(ofSeconds(4), 100));
            s.play("F").seconds(0.1).play("S").seconds(0.7).fail(ofSeconds(5));
            read(s, reads);
            s.seconds(4).shows(-1, 1, 3, 2, 0);
            read(s, reads);
            s.seconds(1).shows(-1, 0, 0, 0, 0);
            read(s, reads);
            s.seconds(0.1).play("S").shows(-1, 1, 1, 0, 0);
            read(s, reads);
            s.seconds(5).play("S").shows(-1, 1, 1, 0, 0);
        }
    }

    private static void read(Script s, int times) {
        for (int i = 0; i < times; i++) {
            s.sut.metrics();
        }
    }

    private static void fourBuckets(Case.Maker maker) {
        Script s = maker.script(Setup.time(4, 10_000, 50));
        s.play(10, "S").play(40, "F").seconds(1).play(10, "S").shows(-1, 20, 60, 40, 0);
        s.seconds(1.5).play(20, "F").shows(-1, 20, 80, 60, 0);
        s.seconds(0.6).play(5, "S").play(20, "F").shows(-1, 25, 105, 80, 0);
        s.seconds(2.3).play(8, "S").shows(-1, 13, 53, 40, 0);
        s.seconds(1.9).play(5, "F").shows(-1, 8, 13, 5, 0);
        s.seconds(15.2).shows(-1, 0, 0, 0, 0);
    }

    private static void ratesOfTheWindow(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 10, 50));
        s.sut.force(CircuitState.METRICS_ONLY);
        s.play("SFSFSFS").shows(-1, 4, 7, 3, 0);
        s.play("FSSSFSSSFSSSFSS").shows(20, 8, 10, 2, 0);
    }

    private static void opensOnTheVeryFailure(Case.Maker maker) {
        Script s = maker.script(Setup.time(10, 4, 50));
        s.play("F").seconds(1).play("F").is(CircuitState.CLOSED).play("F").is(CircuitState.CLOSED);
        s.play("F").is(CircuitState.OPEN);
    }

    private static void comparator(Case.Maker maker) {
        Script s = maker.script(Setup.count(20, 10, 50));
        s.play(10, "S").play(9, "F").is(CircuitState.CLOSED).play("F").is(CircuitState.OPEN);
        Script slow = maker.script(Setup.count(100, 10, 100).slow(ofSeconds(1), 80));
        Duration longer = ofSeconds(2);
        for (int i = 0; i < 3; i++) {
            slow.play("S");
        }
        for (int i = 0; i < 11; i++) {
            slow.ok(longer).is(CircuitState.CLOSED);
        }
        slow.ok(longer).is(CircuitState.OPEN);
    }

    private static void exactInTime(Case.Maker maker) throws Exception {
        Sut sut = maker.make(Setup.time(100, 100_000, 100));
        sut.force(CircuitState.METRICS_ONLY);
        int[] tally = hammer(sut);
        assertThat(sut.metrics().ok()).isEqualTo(tally[0]);
        assertThat(sut.metrics().failed()).isEqualTo(tally[1]);
    }

    private static void exactInCalls(Case.Maker maker) throws Exception {
        Sut sut = maker.make(Setup.count(97, 97, 100));
        sut.force(CircuitState.METRICS_ONLY);
        hammer(sut);
        assertThat(sut.metrics().calls()).isEqualTo(97);
        Script s = new Script(sut);
        // Each further success takes the place of one of the 97: if the sums fit the slots, exactly none is left.
        int failed = sut.metrics().failed();
        for (int i = 0; i < 97; i++) {
            s.play("S");
            assertThat(sut.metrics().failed()).isBetween(failed - 1, failed);
            failed = sut.metrics().failed();
        }
        assertThat(sut.metrics().five()).isEqualTo(List.of(0.0, 97, 97, 0, 0L));
    }

    private static int[] hammer(Sut sut) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        List<Future<int[]>> tallies = new ArrayList<>();
        for (int t = 0; t < 6; t++) {
            SplittableRandom random = new SplittableRandom(t);
            tallies.add(threads.submit(() -> {
                int[] tally = new int[2];
                for (int i = 0; i < 100_000; i++) {
                    int what = random.nextInt(10);
                    if (what < 4) {
                        sut.ok(sut.tryAcquire(), Duration.ZERO);
                        tally[0]++;
                    } else if (what < 8) {
                        sut.fail(sut.tryAcquire(), Duration.ZERO, new IOException("down"));
                        tally[1]++;
                    }
                }
                return tally;
            }));
        }
        int[] sum = new int[2];
        for (Future<int[]> tally : tallies) {
            sum[0] += tally.get()[0];
            sum[1] += tally.get()[1];
        }
        threads.shutdown();
        return sum;
    }

    private static void expiryTrips(Case.Maker maker) {
        Script s = maker.script(Setup.time(4, 5, 80));
        s.play(6, "S").seconds(3).play(4, "F").is(CircuitState.CLOSED);
        s.seconds(1).play("S").is(CircuitState.OPEN);
    }
}
