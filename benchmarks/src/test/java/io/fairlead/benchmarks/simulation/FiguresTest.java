// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.scenario.Catalogue;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The committed figures obey what must hold of any queue. */
class FiguresTest {
    private final List<String> header = new ArrayList<>();

    /** Where the first seconds, in which queues fill, are not measured. */
    @Test
    void littlesLawHoldsInEverySettledScenarioWhoseCallsAllSucceed() throws Exception {
        Set<String> settled = Catalogue.all().stream()
                .filter(scenario -> scenario.measuredFrom() > 0)
                .map(Scenario::name)
                .collect(Collectors.toSet());
        List<String> lines = Files.readAllLines(Path.of("simulation/figures.csv"));
        header.addAll(List.of(lines.get(0).split(",", -1)));
        int checked = 0;
        for (String line : lines.subList(1, lines.size())) {
            // A name in quotes may have commas; figures have none.
            String[] cells = line.replaceAll("\"[^\"]*\"", "policy").split(",", -1);
            if (settled.contains(cells[0]) && figure(cells, Figure.SUCCESS) == 100) {
                checked++;
                assertThat(figure(cells, Figure.LITTLE))
                        .as(line)
                        .isCloseTo(figure(cells, Figure.OUTSTANDING), withinPercentage(1));
            }
        }
        assertThat(checked).isGreaterThan(100);
    }

    @Test
    void everyScenarioHasALineForEachOfItsContenders() throws Exception {
        List<String> lines = Files.readAllLines(Path.of("simulation/figures.csv"));
        int expected = Catalogue.all().stream()
                .mapToInt(scenario -> SimulationReport.contenders(scenario).size())
                .sum();

        assertThat(lines).hasSize(expected + 1);
    }

    private double figure(String[] cells, Figure figure) {
        return Double.parseDouble(cells[header.indexOf(figure.title().replace(",", ""))]);
    }
}
