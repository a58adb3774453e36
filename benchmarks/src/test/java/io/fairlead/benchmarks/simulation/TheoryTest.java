// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Histogram;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Published;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.Speed;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The simulator agrees with queueing theory and with itself. */
@Tag("slow")
class TheoryTest {
    @Test
    void theSimulatorAgreesWithQueueingTheoryAndRepeatsItself() {
        assertThat(Theory.rows(1))
                .allSatisfy(row -> assertThat(row.isMet()).as(row.toString()).isTrue());
    }

    @Test
    void anotherSeedGivesAnotherRun() {
        Contender ours = Contenders.named(Contenders.DEFAULT);

        assertThat(Simulation.run(Published.sinkhole(), ours, 1))
                .isEqualTo(Simulation.run(Published.sinkhole(), ours, 1))
                .isNotEqualTo(Simulation.run(Published.sinkhole(), ours, 2));
    }

    @Test
    void workOnAServerWhoseSpeedChangesEndsWhenItsIntegralSaysSo() {
        Speed paused = Speed.of(1).dip(1, 2, 0);
        Speed rising = Speed.of(0.1).ramp(0, 10, 0.1, 1.1);

        assertThat(paused.finish(Millis.secondsToNanos(0.5), Millis.secondsToNanos(1)))
                .isEqualTo(Millis.secondsToNanos(3.5));
        // 0.1 t + 0.05 t² = 4 for t = 8
        assertThat(rising.finish(0, Millis.secondsToNanos(4))).isCloseTo(Millis.secondsToNanos(8), within(10L));
    }

    @Test
    void percentilesOfAHistogramAreWithinTwoThousandths() {
        Histogram histogram = Histogram.fine();
        for (int millis = 1; millis <= 10_000; millis++) {
            histogram.add(Millis.toNanos(millis));
        }

        for (double ratio : new double[] {0.01, 0.5, 0.99, 0.999}) {
            assertThat(histogram.percentileMillis(ratio)).isCloseTo(10_000 * ratio, withinPercentage(0.2));
        }
    }
}
