// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page, the dashboard and the alert rules name the metrics that there are. */
class MetricNamesTest {
    private static final Path DOCS = Path.of("../docs");
    private static final Pattern NAME = Pattern.compile("\\bfairlead_(?!service\\b|instance\\b)[a-z_]+");

    @Test
    void thePageHasATableOfAll() throws IOException {
        StringBuilder table =
                new StringBuilder("| meter | kind | tags | in Prometheus | what it is |\n|---|---|---|---|---|\n");
        for (Metric metric : Metric.values()) {
            table.append("| `").append(metric.meterName()).append("` | ");
            table.append(ServiceSeries.word(metric.kind())).append(" | ");
            table.append(metric.tags().isEmpty() ? "" : "`" + metric.tags().replace(", ", "`, `") + "`");
            table.append(" | `").append(metric.prometheusName()).append("` | ");
            table.append(metric.description()).append(" |\n");
        }
        Path page = DOCS.resolve("metrics.md");
        String text = Files.readString(page);
        String begin = "<!-- metrics -->\n";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf("<!-- /metrics -->");
        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(page, text.substring(0, from) + table + text.substring(to));
        } else {
            assertThat(text.substring(from, to)).isEqualTo(table.toString());
        }
    }

    @Test
    void rulesAndDashboardAskForNothingElseAndTheDashboardShowsAllButSingleInstances() throws IOException {
        Set<String> known = Arrays.stream(Metric.values())
                .map(Metric::prometheusName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> shown = asked("metrics/fairlead-dashboard.json");
        assertThat(known).containsAll(shown);
        assertThat(known).containsAll(asked("metrics/fairlead-rules.yml"));
        assertThat(known).containsAll(asked("metrics/fairlead-rules_test.yml"));
        for (Metric metric : Metric.values()) {
            if (!metric.isPerInstance()) {
                assertThat(shown).contains(metric.prometheusName());
            }
        }
    }

    private static Set<String> asked(String file) throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher found = NAME.matcher(Files.readString(DOCS.resolve(file)));
        while (found.find()) {
            names.add(found.group().replaceAll("_bucket$", ""));
        }
        return names;
    }
}
