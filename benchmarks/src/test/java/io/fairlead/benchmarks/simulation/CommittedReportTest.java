// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.benchmarks.simulation.run.Runs;
import io.fairlead.benchmarks.simulation.scenario.Catalogue;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The committed report says what the code does now. */
@Tag("slow")
class CommittedReportTest {
    private static final Path FOLDER = Path.of("simulation");
    private static final String COMMAND = "mvn -Psimulation -pl benchmarks -am -DskipTests package";

    @Test
    void aScenarioRunAgainGivesTheCommittedTableAndChartsByteForByte() throws Exception {
        String committed = Files.readString(FOLDER.resolve("report.md"));
        Report report = new Report(SimulationReport.SEEDS);
        int opening = report.markdown().length();
        Scenario scenario = Catalogue.fastFail(1, 10);
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        try (Runs runs = new Runs(2, SimulationReport.SEEDS, nowhere)) {
            report.scenario(scenario, runs.compare(scenario, SimulationReport.contenders(scenario)));
        }

        assertThat(committed)
                .as("out of date; write it anew with: " + COMMAND)
                .contains(report.markdown().substring(opening));
        assertThat(report.charts()).hasSize(3);
        report.charts()
                .forEach((file, svg) -> assertThat(FOLDER.resolve("charts").resolve(file))
                        .as("out of date; write it anew with: " + COMMAND)
                        .hasContent(svg));
    }

    @Test
    void everyChartTheReportShowsIsThereAndNoOther() throws Exception {
        String committed = Files.readString(FOLDER.resolve("report.md"));
        try (Stream<Path> files = Files.list(FOLDER.resolve("charts"))) {
            List<String> charts =
                    files.map(file -> "(charts/" + file.getFileName() + ")").toList();

            assertThat(charts)
                    .isNotEmpty()
                    .allSatisfy(chart -> assertThat(committed).contains(chart));
            assertThat(committed.split("\\(charts/", -1)).hasSize(charts.size() + 1);
        }
    }

    @Test
    void theReportShowsEveryScenarioOfTheCatalogue() throws Exception {
        String committed = Files.readString(FOLDER.resolve("report.md"));

        assertThat(Catalogue.all())
                .allSatisfy(scenario -> assertThat(committed).contains("### " + scenario.name() + "\n"));
    }
}
