// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table in this package's description names, for each rule and case, a test that exists. */
class RuleTableTest {
    private static final Pattern ROW = Pattern.compile("(?m)^ \\* +(\\S+) +([\\w.]+)#(\\w+)$");
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private record Row(String id, String type, String method) {}

    @Test
    void everyRuleAndCaseHasATestThatExists() throws IOException {
        List<Row> rows = rows();
        Map<String, String> missing = new LinkedHashMap<>();
        for (Row row : rows) {
            if (!exists(row)) {
                missing.put(row.id(), row.type() + "#" + row.method());
            }
        }
        assertThat(missing).isEmpty();
        List<String> ids = rows.stream().map(Row::id).toList();
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(ids)
                .containsAll(IntStream.rangeClosed(1, 24).mapToObj(n -> "S" + n).toList());
        assertThat(ids).containsAll(Case.all().stream().map(Case::id).toList());
    }

    @Test
    void aTestThatDoesNotExistIsNoticed() throws IOException {
        assertThat(exists(new Row("S0", "RuleTableTest", "noSuchTest"))).isFalse();
        assertThat(exists(new Row("S0", "NoSuchTest", "exists"))).isFalse();
        assertThat(exists(new Row("S0", "cases.RuleTableTest", "aTestThatDoesNotExistIsNoticed")))
                .isTrue();
    }

    private static List<Row> rows() throws IOException {
        Path table =
                ROOT.resolve("sdk-circuitbreaker/src/test/java/io/fairlead/circuitbreaker/cases/package-info.java");
        Matcher row = ROW.matcher(Files.readString(table));
        List<Row> rows = new ArrayList<>();
        while (row.find()) {
            rows.add(new Row(row.group(1), row.group(2), row.group(3)));
        }
        return rows;
    }

    private static boolean exists(Row row) throws IOException {
        String file = "/" + row.type().replace('.', '/') + ".java";
        Pattern method = Pattern.compile("\\bvoid " + row.method() + "\\(");
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.toList()) {
                Path tests = module.resolve("src/test/java");
                if (Files.isDirectory(tests) && declares(tests, file, method)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean declares(Path tests, String file, Pattern method) throws IOException {
        try (Stream<Path> sources = Files.walk(tests)) {
            for (Path source :
                    sources.filter(path -> path.toString().endsWith(file)).toList()) {
                if (method.matcher(Files.readString(source)).find()) {
                    return true;
                }
            }
        }
        return false;
    }
}
