// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The nouns of our types stand in {@code docs/vocabulary.md}, each once, and nothing else stands there. */
class VocabularyTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ?([^|]+?) ?\\| ?([^|]+?) ?\\|[^|]*\\|$");
    private static final Pattern HEADING = Pattern.compile("(?:meaning|-+)");

    /** {@code Http2Server} has the words {@code Http2} and {@code Server}. */
    private static final Pattern WORD = Pattern.compile("[A-Z]+(?![a-z])\\d*|[A-Z][a-z0-9]+");

    /** One row of a table. A plain word names an idea and no type. */
    private record Entry(String word, boolean isPlain) {
        static Entry of(MatchResult row) {
            String cell = row.group(1).trim();
            boolean isPlain = cell.startsWith("*") && cell.endsWith("*");
            return new Entry(cell.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", ""), isPlain);
        }
    }

    private static final List<Entry> ENTRIES = new ArrayList<>();

    /** Module of a type by the type's name; of several modules when they use the same name. */
    private static final Map<String, List<String>> TYPES = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        ENTRIES.clear();
        TYPES.clear();
        ROW.matcher(Files.readString(GeneratedBlock.TOP.resolve("docs/vocabulary.md")))
                .results()
                .filter(row -> !HEADING.matcher(row.group(2)).matches())
                .map(Entry::of)
                .forEach(ENTRIES::add);
        try (Stream<Path> folders = Files.list(GeneratedBlock.TOP)) {
            for (Path folder : folders.sorted().toList()) {
                Path sources = folder.resolve("src/main/java");
                String module = folder.getFileName().toString();
                if (module.startsWith("sdk-") && Files.isDirectory(sources)) {
                    types(sources)
                            .forEach(type -> TYPES.computeIfAbsent(type, name -> new ArrayList<>())
                                    .add(module));
                }
            }
        }
    }

    /** A file has one type at its top, and its name. */
    private static List<String> types(Path sources) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".java") && !file.contains("-"))
                    .map(file -> file.substring(0, file.length() - ".java".length()))
                    .toList();
        }
    }

    @Test
    void theNounOfEveryTypeStandsInTheVocabulary() {
        assertThat(TYPES).as("types found").containsKeys("Fairlead", "ConsulRegistry", "VirtualTime");
        List<String> missing = TYPES.keySet().stream()
                .filter(type -> entryOf(type).isEmpty())
                .map(type -> type + " of " + TYPES.get(type) + ": no word '"
                        + tails(type).get(tails(type).size() - 1) + "'")
                .toList();
        assertThat(missing).as("nouns that docs/vocabulary.md lacks").isEmpty();
    }

    @Test
    void aWordHasOneMeaning() {
        TreeSet<String> seen = new TreeSet<>();
        List<String> twice = ENTRIES.stream()
                .filter(entry -> singulars(entry.word()).stream().anyMatch(seen::contains) | !seen.add(entry.word()))
                .map(Entry::word)
                .toList();
        assertThat(twice).as("words that stand in docs/vocabulary.md twice").isEmpty();
    }

    @Test
    void everyWordIsUsed() {
        List<String> used = TYPES.keySet().stream()
                .flatMap(type -> entryOf(type).stream())
                .map(Entry::word)
                .toList();
        List<String> unused = ENTRIES.stream()
                .filter(entry -> !entry.isPlain() && !used.contains(entry.word()))
                .map(Entry::word)
                .toList();
        assertThat(unused)
                .as("words of docs/vocabulary.md that no type has and no italics mark as plain")
                .isEmpty();
        assertThat(ENTRIES.stream()
                        .filter(Entry::isPlain)
                        .map(Entry::word)
                        .filter(used::contains)
                        .toList())
                .as("words in italics that a type has after all")
                .isEmpty();
    }

    /** Two types of one name would have a reader look at the wrong one. */
    @Test
    void aNameIsTheNameOfOneType() {
        List<String> shared = TYPES.entrySet().stream()
                .filter(type -> type.getValue().size() > 1)
                .map(type -> type.getKey() + " of " + type.getValue())
                .toList();
        assertThat(shared).as("names of types in several modules or packages").isEmpty();
    }

    /** The longest end of a type's name that the vocabulary has. */
    private static Optional<Entry> entryOf(String type) {
        for (String tail : tails(type)) {
            for (String word : singulars(tail)) {
                for (Entry entry : ENTRIES) {
                    if (entry.word().equals(word)) {
                        return Optional.of(entry);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The ends of a name, the longest first: {@code retrybackoff}, {@code backoff}. */
    private static List<String> tails(String type) {
        List<String> words =
                WORD.matcher(type).results().map(MatchResult::group).toList();
        List<String> tails = new ArrayList<>();
        for (int from = 0; from < words.size(); from++) {
            tails.add(String.join("", words.subList(from, words.size())).toLowerCase(Locale.ROOT));
        }
        return tails;
    }

    /** A word itself, and whatever it may be the plural of. */
    private static List<String> singulars(String word) {
        List<String> all = new ArrayList<>(List.of(word));
        if (word.endsWith("ies")) {
            all.add(word.substring(0, word.length() - 3) + "y");
        }
        if (word.endsWith("es")) {
            all.add(word.substring(0, word.length() - 2));
        }
        if (word.endsWith("s")) {
            all.add(word.substring(0, word.length() - 1));
        }
        return all;
    }
}
