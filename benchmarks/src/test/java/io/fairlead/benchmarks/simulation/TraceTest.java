// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.run.Outcomes;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.scenario.Trace;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls from a file come when it says, and a line that says nothing is named. */
class TraceTest {
    @Test
    void theCommittedTraceIsWhatItsSeedWrites() throws Exception {
        Path file = Path.of("src/main/resources/io/fairlead/benchmarks/simulation/scenario/bursty.trace");

        assertThat(Files.readString(file)).isEqualTo(Trace.bursty(1));
        assertThat(Trace.resource("bursty.trace").calls()).hasSizeGreaterThan(1_000);
    }

    @Test
    void eachLineIsACallAndCommentsAreNone() {
        Trace trace = Trace.parse("some.trace", "# second client\n0.5 3\n\n  0.5\t0\n1 2");

        assertThat(trace.calls())
                .containsExactly(
                        new Trace.Entry(500_000_000, 3),
                        new Trace.Entry(500_000_000, 0),
                        new Trace.Entry(1_000_000_000, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x 3", "0.7", "0.7 3 4", "0.7 -1", "-1 3", "NaN 3", "0.4 3", "1e9 0"})
    void aBadLineIsNamedWithItsFileItsNumberAndWhatWasExpected(String line) {
        assertThatThrownBy(() -> Trace.parse("some.trace", "# second client\n0.5 3\n" + line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "some.trace:3: '" + line
                                + "' (expected: the second, not before the line above, and the client, from 0, such as 0.125 3)");
    }

    @Test
    void aRunMakesTheCallsOfTheTraceAndNoOthers() {
        List<ServerSpec> servers = Collections.nCopies(2, ServerSpec.unlimited(Demand.fixed(1)));
        Scenario scenario = new Scenario("trace", "", servers, 2, Trace.parse("t", "0.1 0\n0.2 1\n0.2 0\n0.9 1"), 1);

        Outcomes seen = Simulation.run(scenario, Contenders.named("round_robin"), 1);

        assertThat(seen.median(Figure.CALLS)).isEqualTo(4);
        assertThat(seen.median(Figure.SUCCESS)).isEqualTo(100);
        assertThat(seen.median(Figure.MEAN)).isEqualTo(1);
    }
}
