// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No logic hangs on text that people read: each word with which the product compares text stands in a table beside whose
 * word it is, so that a new one is thought about.
 */
class ComparedTextTest {
    private static final String LITERAL = "\"((?:[^\"\\\\\n]++|\\\\.)*+)\"";
    private static final Pattern ASKED =
            Pattern.compile("(?:equals|equalsIgnoreCase|contains|startsWith|endsWith|matches|indexOf)\\(" + LITERAL);
    private static final Pattern ASKING = Pattern.compile(LITERAL + "\\.(?:equals|contains|startsWith)");
    private static final Pattern CASES = Pattern.compile("case (" + LITERAL + "(?:,\\s*" + LITERAL + ")*)");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]{3}");

    @Test
    void theProductComparesNoTextThatIsForPeople() throws IOException {
        assertThat(compared())
                .as("words with which the product compares text, and compared-text.txt")
                .containsExactlyInAnyOrderElementsOf(table());
    }

    private static Set<String> compared() throws IOException {
        Set<String> words = new TreeSet<>();
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            for (Path module : modules.toList()) {
                String name = module.getFileName().toString();
                Path sources = module.resolve("src/main/java");
                if (name.startsWith("sdk-") && !name.equals("sdk-testkit") && Files.isDirectory(sources)) {
                    read(sources, name, words);
                }
            }
        }
        return words;
    }

    private static void read(Path sources, String module, Set<String> words) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(file -> {
                String text = text(file);
                collect(ASKED.matcher(text), module, words);
                collect(ASKING.matcher(text), module, words);
                CASES.matcher(text)
                        .results()
                        .forEach(cases -> collect(Pattern.compile(LITERAL).matcher(cases.group(1)), module, words));
            });
        }
    }

    private static void collect(Matcher literals, String module, Set<String> words) {
        literals.results()
                .map(found -> found.group(1))
                .filter(literal -> WORD.matcher(literal).find() && !isCharacters(literal))
                .forEach(literal -> words.add(module + " " + literal));
    }

    /** A set of characters, as of an address, and no word. */
    private static boolean isCharacters(String literal) {
        return literal.startsWith("[0-9a-fA-F");
    }

    private static List<String> table() throws IOException {
        try (InputStream file = ComparedTextTest.class.getResourceAsStream("/compared-text.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .flatMap(line -> Stream.of(
                                    line.substring(line.indexOf(" = ") + 3).split(" \\| "))
                            .map(word -> line.substring(0, line.indexOf(',')) + " " + word.strip()))
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
