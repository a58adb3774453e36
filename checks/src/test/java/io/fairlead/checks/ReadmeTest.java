// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * The README's Java compiles, its figures are the committed ones, and its links lead somewhere.
 */
class ReadmeTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Path README = TOP.resolve("README.md");
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

    @Test
    void everyJavaSnippetCompiles() throws IOException {
        for (Path page : List.of(README, TOP.resolve("docs/routing.md"))) {
            List<String> snippets = JAVA.matcher(Files.readString(page))
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            assertThat(snippets).hasSizeGreaterThanOrEqualTo(2);
            for (String snippet : snippets) {
                assertThat(compile(snippet)).as(snippet).isEmpty();
            }
        }
    }

    @Test
    void theFiguresAreTheCommittedOnes() throws IOException {
        GeneratedBlock.check(README, "drill", table(GeneratedBlock.results("drill.json")));
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        Matcher links = LINK.matcher(Files.readString(README));
        while (links.find()) {
            assertThat(TOP.resolve(links.group(1))).exists();
        }
    }

    private static String table(JsonNode drills) {
        StringBuilder table = new StringBuilder(
                "| | calls | failed | over 1 s | p99 | slowest | newcomer seen |\n|---|---|---|---|---|---|---|\n");
        for (Map.Entry<String, JsonNode> drill : drills.properties()) {
            JsonNode seen = drill.getValue();
            if (!seen.has("p99Millis")) {
                continue;
            }
            String newcomer = seen.has("newcomerSeenAfterSeconds")
                    ? seen.get("newcomerSeenAfterSeconds").asText() + " s after its return"
                    : "";
            table.append("| ").append(drill.getKey());
            for (String figure : List.of("calls", "failed", "overOneSecond")) {
                table.append(" | ").append(seen.get(figure).asText());
            }
            table.append(" | ").append(seen.get("p99Millis").asText()).append(" ms | ");
            table.append(seen.get("slowestMillis").asText())
                    .append(" ms | ")
                    .append(newcomer)
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String compile(String snippet) {
        String source =
                "import io.fairlead.api.*; import io.fairlead.balancer.*; import io.fairlead.balancer.policy.*; import io.fairlead.okhttp.*;"
                        + "import io.fairlead.circuitbreaker.*; import okhttp3.*; import static java.time.Duration.*;"
                        + "import io.fairlead.balancer.route.*; import io.fairlead.routes.*; import java.nio.file.Path;"
                        + "class Snippet { Registry registry; Fairlead fairlead; void run() throws Exception {\n"
                        + snippet + "\n} }";
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        StringWriter messages = new StringWriter();
        List<String> options = new ArrayList<>(
                List.of("-proc:none", "-d", "target", "-classpath", System.getProperty("java.class.path")));
        boolean compiled = compiler.getTask(messages, null, null, options, null, List.of(file))
                .call();
        return compiled ? "" : messages.toString();
    }
}
