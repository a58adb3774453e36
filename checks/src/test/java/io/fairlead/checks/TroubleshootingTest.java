// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every message with which we refuse or give up says what is expected, or stands under a heading of {@code docs/troubleshooting.md}, or
 * nobody but us sees it; and every heading is a message of ours.
 */
class TroubleshootingTest {
    private static final Pattern MADE = Pattern.compile("new (\\w+Exception)\\(");
    private static final Pattern HEADING = Pattern.compile("(?m)^### `(.+)`$");
    private static final List<String> MODULES = List.of(
            "api",
            "memory",
            "composite",
            "circuitbreaker",
            "balancer",
            "okhttp",
            "http",
            "consul",
            "etcd",
            "file",
            "routes");

    /** The fixed parts of a message, joined by {@code …}. */
    private record Message(String type, String text) {
        boolean says(String heading) {
            int at = 0;
            for (String part : heading.split("…")) {
                at = text.indexOf(part.strip(), at);
                if (at < 0) {
                    return false;
                }
                at += part.strip().length();
            }
            return true;
        }
    }

    @Test
    void everyHeadingIsAMessageOfOurs() throws IOException {
        List<Message> messages = messages();
        assertThat(headings())
                .hasSizeGreaterThan(30)
                .doesNotHaveDuplicates()
                .allSatisfy(heading -> assertThat(messages).as(heading).anyMatch(message -> message.says(heading)));
    }

    @Test
    void everyMessageSaysWhatIsExpectedOrStandsUnderAHeading() throws IOException {
        List<String> headings = headings();
        Map<String, String> exempt = exempt();
        TreeSet<String> unused = new TreeSet<>(exempt.keySet());
        List<String> alone = new ArrayList<>();
        for (Message message : messages()) {
            if (message.text.contains("(expected") || headings.stream().anyMatch(message::says)) {
                continue;
            }
            if (exempt.containsKey(message.type)) {
                unused.remove(message.type);
            } else {
                alone.add(message.type + ": " + message.text);
            }
        }
        assertThat(alone)
                .as("messages without '(expected: …)', a heading of docs/troubleshooting.md or a line in untold.txt")
                .isEmpty();
        assertThat(unused).as("lines of untold.txt that exempt nothing").isEmpty();
    }

    private static List<String> headings() throws IOException {
        return HEADING.matcher(Files.readString(GeneratedBlock.TOP.resolve("docs/troubleshooting.md")))
                .results()
                .map(heading -> heading.group(1))
                .toList();
    }

    private static Map<String, String> exempt() throws IOException {
        Map<String, String> exempt = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("src/test/resources/untold.txt"))) {
            if (!line.startsWith("#")) {
                String[] halves = line.split(" = ", 2);
                assertThat(halves[1]).as(line).isNotBlank();
                exempt.put(halves[0], halves[1]);
            }
        }
        return exempt;
    }

    private static List<Message> messages() throws IOException {
        List<Message> messages = new ArrayList<>();
        for (String module : MODULES) {
            Path sources = GeneratedBlock.TOP.resolve("sdk-" + module + "/src/main/java");
            try (Stream<Path> tree = Files.walk(sources)) {
                for (Path file : tree.filter(path -> path.toString().endsWith(".java"))
                        .sorted()
                        .toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    String source = Files.readString(file);
                    Matcher made = MADE.matcher(source);
                    while (made.find()) {
                        String text = String.join("…", literals(source, made.end()));
                        if (!text.isEmpty()) {
                            messages.add(new Message(module + "." + name, text));
                        }
                    }
                }
            }
        }
        assertThat(messages).hasSizeGreaterThan(200);
        return messages;
    }

    /** What stands in quotes up to the parenthesis that closes the one before {@code from}. */
    private static List<String> literals(String source, int from) {
        List<String> literals = new ArrayList<>();
        int open = 1;
        for (int i = from; open > 0; i++) {
            char c = source.charAt(i);
            if (c == '"' || c == '\'') {
                int end = i + 1;
                while (source.charAt(end) != c) {
                    end += source.charAt(end) == '\\' ? 2 : 1;
                }
                literals.add(source.substring(i + 1, end));
                i = end;
            } else if (c == '(' || c == ')') {
                open += c == '(' ? 1 : -1;
            }
        }
        return literals;
    }
}
