// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every target is proven by something that exists. */
class TargetsTest {
    private static final List<Integer> CONCERNING = List.of(
            1, 2, 3, 6, 7, 9, 10, 11, 13, 14, 16, 17, 19, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 32, 33, 35, 36, 37,
            38, 39, 40, 41, 42, 43, 44);
    private static final Set<Integer> WITH_ROWS = Set.of(9, 10, 11, 13, 14, 16, 17, 19, 21, 22, 23, 25, 40, 41, 42, 43);
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (\\d+) \\| [^|]+ \\| [^|]+ \\| [^|]+ \\| (met|\\*\\*differs\\*\\*) \\|$");

    @Test
    void everyTargetThatConcernsPoliciesIsInTheTable() {
        assertThat(Targets.all()).extracting(Target::number).isEqualTo(CONCERNING);
        assertThat(Targets.all())
                .allSatisfy(target -> assertThat(
                                target.tests().isEmpty() && target.note().isEmpty())
                        .as("nothing proves or explains target %d", target.number())
                        .isFalse());
    }

    @Test
    void everyTestTheTableNamesExists() throws IOException {
        for (Target target : Targets.all()) {
            for (String test : target.tests()) {
                assertThat(exists(test))
                        .as("target %d: %s", target.number(), test)
                        .isTrue();
            }
        }
    }

    @Test
    void aTestThatDoesNotExistIsNoticed() throws IOException {
        assertThat(exists("sdk-balancer SequencesTest.nobodyWroteThis")).isFalse();
        assertThat(exists("sdk-balancer NobodysTest.smoothSequencesAreNginxs")).isFalse();
    }

    @Test
    void theCommittedReportHasTheTableAndARowForEachTargetThatIsSimulated() throws IOException {
        String report = Files.readString(Path.of("simulation/report.md"));
        Set<Integer> numbers = ROW.matcher(report)
                .results()
                .map(row -> Integer.parseInt(row.group(1)))
                .collect(Collectors.toSet());

        assertThat(numbers).isEqualTo(WITH_ROWS);
        assertThat(Targets.all())
                .allSatisfy(target ->
                        assertThat(report).contains("\n| " + target.number() + " | " + target.what() + " | "));
        assertThat(Targets.all().stream().flatMap(target -> target.tests().stream()))
                .allSatisfy(test -> assertThat(report).contains("`" + test + "`"));
    }

    private static boolean exists(String test) throws IOException {
        String module = test.substring(0, test.indexOf(' '));
        String[] names = test.substring(module.length() + 1).split("\\.");
        Pattern method = Pattern.compile("@(Test|ParameterizedTest)[^;]* void " + names[1] + "\\(");
        try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
            for (Path file : files.toList()) {
                if (file.endsWith(names[0] + ".java")
                        && method.matcher(Files.readString(file).replaceAll("\\s+", " "))
                                .find()) {
                    return true;
                }
            }
        }
        return false;
    }
}
