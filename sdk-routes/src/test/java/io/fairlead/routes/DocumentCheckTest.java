// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.memory.MemoryRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentCheckTest {
    @TempDir
    private Path folder;

    @Test
    void allThatIsWrongIsPrintedEachWithItsFileVersionAndPlace() throws IOException {
        String file = write(
                "bad.yaml",
                RouteDocumentTest.HEADERS.replace("to: beijing", "to: beijin").replace("percent: 5", "percent: 130"));
        assertThat(check(1, file).lines())
                .containsExactly(
                        "routes file " + file
                                + ", version '2026-11-21.3', 14:66: services.user-service.rules[3].to: 'beijin' (did"
                                + " you mean 'beijing'? defined: stable, canary, beijing, pre)",
                        "routes file " + file + ", version '2026-11-21.3', 20:36:"
                                + " services.user-service.rules[4].mirror.percent: 130 (expected: 0 to 100)",
                        "2 problems");
    }

    @Test
    void ofADocumentThatIsRightItSaysWhatIsDifferentFromTheOldOne() throws IOException {
        String old = write("old.json", RouteDocumentTest.SPLIT);
        String file = write(
                "new.json",
                RouteDocumentTest.SPLIT
                        .replace("\"weight\": 10}", "\"weight\": 30}")
                        .replace("2s", "3s"));
        assertThat(check(0, file, "--against", old).lines())
                .hasSize(3)
                .contains("changes: defaults.timeout: 2s → 3s", "changes: myapp.split: v2 10 → 25 %, v1 90 → 75 %");
        assertThat(check(0, old, "--against", old)).contains("changes: none");
    }

    @Test
    void itSaysHowManyInstancesEachSubsetHasAndWhichHasTooFew() throws IOException {
        String file = write("routes.json", RouteDocumentTest.SPLIT);
        try (Registry registry = MemoryRegistry.create()) {
            for (int i = 0; i < 40; i++) {
                Registration unused = registry.register(
                        ServiceInstance.builder("myapp")
                                .id("a" + i)
                                .address("10.0.0." + (i + 1), 80)
                                .version(i == 0 ? "v2" : "v1")
                                .build(),
                        HealthCheck.none());
            }
            assertThat(check(0, uri -> registry, file, "--registry", "memory:check")
                            .lines())
                    .contains(
                            "myapp: 40 instances; v1 39, v2 1",
                            "most likely not meant: myapp.split: v2 has 10.00 % of the calls on 1 of 40 instances, 4.00 times"
                                    + " the mean",
                            "backend: 0 instances; blue 0, green 0",
                            "most likely not meant: backend.subsets.green: no instance now");
        }
    }

    @Test
    void itSaysWhereARequestWouldGoAndWhyNotElsewhere() throws IOException {
        String file = write("routes.yaml", RouteDocumentTest.HEADERS);
        String said = check(0, file, "--request", "GET /v1/x?q=1 X-User-Id: user-2 User-Agent: Mozilla/5.0 (X11)");
        assertThat(said.lines().filter(line -> line.startsWith("  rule ")))
                .hasSize(5)
                .first()
                .asString()
                .startsWith("  rule beta-app: no, ");
        assertThat(said).contains("rule tenth-of-users: matches, ");
        assertThat(check(0, file, "--request", "get /v2")).contains("rule default: matches, ");
    }

    @Test
    void aHeaderOfItsOwnMaySayAnythingAlsoWordsWithColons() throws IOException {
        String file =
                write("routes.yaml", RouteDocumentTest.HEADERS.replace("X-App-Version: beta", "X-Note: 'a b: c'"));
        assertThat(check(
                        0, file, "--request", "GET /v2", "--header", "Referer: http://x", "--header", "X-Note: a b: c"))
                .contains("rule beta-app: matches, ");
        assertThat(check(0, file, "--request", "GET /v2 Referer: http://x X-Note: a b: c"))
                .contains("rule beta-app: no, header X-Note is 'a' ");
        assertThat(check(2, file, "--request", "GET /v2", "--header", "X Note: a"))
                .contains("header: 'X Note: a' (expected: as in 'X-Note: a b: c')");
        assertThat(check(2, file, "--header", "X-Note: a")).startsWith("usage: ");
        assertThat(check(2, file, "--request", "GET /v2 lost X-Note: a"))
                .contains("headers: 'lost X-Note: a' (expected: as in 'X-User-Id: 7')");
    }

    @Test
    void whatCanNotBeFoundOutIsNeitherRightNorWrong() throws IOException {
        String file = write("routes.yaml", RouteDocumentTest.HEADERS);
        assertThat(check(2)).startsWith("usage: ");
        assertThat(check(2, file, "--agianst", file)).startsWith("--agianst?\nusage: ");
        assertThat(check(2, file, "--against")).startsWith("--against?\nusage: ");
        assertThat(check(2, folder + "/none.yaml")).startsWith(folder + "/none.yaml can not be read: ");
        assertThat(check(2, file, "--request", "what"))
                .contains("request: 'what' (expected: as in 'GET /v1 X-User-Id: 7')");
        assertThat(check(2, file, "--registry", "nowhere://x")).contains("expected: a scheme among");
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static String check(int expected, String... arguments) {
        return check(expected, Registry::connect, arguments);
    }

    private static String check(int expected, Function<String, Registry> registries, String... arguments) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int code = DocumentCheck.run(
                List.of(arguments), new PrintStream(printed, true, StandardCharsets.UTF_8), registries);
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isEqualTo(expected);
        return text;
    }
}
