// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/**
 * Tests against real servers can not vanish: this module runs last and counts what ran before it, in the verify phase,
 * where those reports are made. Adding one means raising the number in {@code real-server-tests.properties}.
 */
@Tag("slow")
class RealServerCountTest {
    @Test
    void everyRealServerTestRanAndNoneWasSkipped() throws Exception {
        Properties expected = new Properties();
        try (InputStream file = getClass().getResourceAsStream("/real-server-tests.properties")) {
            expected.load(file);
        }
        for (String module :
                new TreeMap<>(expected).keySet().stream().map(String::valueOf).toList()) {
            int ran = 0;
            for (Path report : reports(module)) {
                Element suite = DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(report.toFile())
                        .getDocumentElement();
                ran += Integer.parseInt(suite.getAttribute("tests"));
                assertThat(Map.of(
                                "skipped", suite.getAttribute("skipped"),
                                "errors", suite.getAttribute("errors"),
                                "failures", suite.getAttribute("failures")))
                        .as(report.toString())
                        .allSatisfy((what, count) -> assertThat(count).isEqualTo("0"));
            }
            assertThat(ran)
                    .as("real-server tests of " + module)
                    .isEqualTo(Integer.parseInt(expected.getProperty(module)));
        }
    }

    private static List<Path> reports(String module) throws Exception {
        Path folder = Path.of("..", module, "target", "failsafe-reports");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
                    .toList();
        }
    }
}
