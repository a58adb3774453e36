// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Runs;
import io.fairlead.benchmarks.simulation.scenario.Catalogue;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs everything and writes {@code report.md} and {@code charts/*.svg}. Arguments: folder, and optionally a regular
 * expression of the scenarios wanted, whose report then goes to the folder without the rest.
 */
public final class SimulationReport {
    static final int SEEDS = 3;
    static final int BAND_SEEDS = 5;
    private static final int THREADS = 2;
    private static final List<String> USUAL = List.of(Contenders.DEFAULT, "least_request", "round_robin");
    private static final int MOST_TO_READ = 1_000;

    private SimulationReport() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        if (args.length < 1 || args.length > 2) {
            throw new IllegalArgumentException("expected: <folder to write> [regular expression of scenarios]");
        }
        String wanted = args.length == 2 ? args[1] : ".*";
        Report report = new Report(SEEDS);
        if (args.length == 1) {
            addRows(report);
        }
        report.catalogue();
        try (Runs runs = new Runs(THREADS, SEEDS, System.out)) {
            for (Scenario scenario : Catalogue.all()) {
                if (scenario.name().matches(wanted)) {
                    report.scenario(scenario, runs.compare(scenario, contenders(scenario)));
                }
            }
        }
        write(report, Path.of(args[0]));
    }

    /** All policies found, the usual ones with ejection too, and the baselines where reading every instance takes no hours. */
    static List<Contender> contenders(Scenario scenario) {
        List<Contender> all = new ArrayList<>();
        if (scenario.isLarge()) {
            return USUAL.stream().map(Contenders::named).toList();
        }
        for (Contender contender : Contenders.found()) {
            all.add(contender);
            if (USUAL.contains(contender.name())) {
                all.add(contender.withGuards());
            }
        }
        if (scenario.servers().size() <= MOST_TO_READ) {
            all.add(Contenders.leastOfAll());
            all.add(Contenders.oracle());
        }
        if (scenario.hasStaleViews()) {
            all.addAll(Contenders.stale());
        }
        return all;
    }

    private static void addRows(Report report) {
        System.out.println("  theory");
        report.rows("Theory", Prose.THEORY, Theory.rows(1));
        Bands bands = new Bands(BAND_SEEDS);
        System.out.println("  bands of the default policy");
        report.rows("The default policy", Prose.BANDS, bands.ofDefault(Contenders.named(Contenders.DEFAULT)));
        report.rows(
                "The default policy elsewhere",
                Prose.ELSEWHERE,
                bands.ofDefaultElsewhere(Contenders.named(Contenders.DEFAULT)));
        System.out.println("  what others published");
        report.rows("Others", Prose.OTHERS, new Others(BAND_SEEDS).rows());
        System.out.println("  Dialogue's published simulations");
        DialogueRows dialogue = new DialogueRows(BAND_SEEDS);
        report.rows("Dialogue's simulations", Prose.DIALOGUE, dialogue.ofReference());
        report.rows("Dialogue's simulations, the default policy", Prose.DIALOGUE_OURS, dialogue.ofOurs());
        report.rows("Dialogue's simulations, without waiting", Prose.DIALOGUE_ELSEWHERE, dialogue.ofOursElsewhere());
        System.out.println("  retries");
        report.rows("Retries and the throttle", Prose.RETRIES, Retrying.rows(1));
        System.out.println("  equals");
        FairnessRows fairness = new FairnessRows(Contenders.named(Contenders.DEFAULT), BAND_SEEDS);
        report.rows("Equals", Prose.EQUALS, fairness.ofEquals(20, 200, 2_000));
        report.rows("One that is slow", Prose.SLOW, fairness.ofSlow());
        report.rows("One that is back, or new", Prose.RETURNS, fairness.ofReturns());
        System.out.println("  hashing");
        report.rows("Hashing", Prose.HASHING, HashingRows.rows(1));
        report.rows("Dynamic weights", Prose.WEIGHTS, WeightRows.rows(1));
        report.targets(Targets.all());
    }

    private static void write(Report report, Path folder) throws IOException {
        Path charts = folder.resolve("charts");
        Files.createDirectories(charts);
        try (DirectoryStream<Path> old = Files.newDirectoryStream(charts, "*.svg")) {
            for (Path file : old) {
                Files.delete(file);
            }
        }
        Files.writeString(folder.resolve("report.md"), report.markdown());
        Files.writeString(folder.resolve("figures.csv"), report.csv());
        for (Map.Entry<String, String> chart : report.charts().entrySet()) {
            Files.writeString(charts.resolve(chart.getKey()), chart.getValue());
        }
    }
}
