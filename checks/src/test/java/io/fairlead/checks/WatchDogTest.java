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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * No loop ends in silence, also none that is new: each place that hands work to another thread or a later time, and each
 * place that takes a user's code, stands in a table beside the test that throws into it, or beside the reason why none does.
 */
@Tag("slow")
class WatchDogTest {
    private static final String REASON = "because ";

    @Test
    void everyPlaceThatHandsWorkOnNamesTheTestThatThrowsIntoIt() throws Exception {
        check("/threads.txt", Places.ofProduct().threads());
    }

    @Test
    void everyPlaceThatTakesAUsersCodeNamesTheTestThatThrowsIntoIt() throws Exception {
        check("/callbacks.txt", Places.ofProduct().callbacks());
    }

    private static void check(String table, Set<String> places) throws IOException {
        Map<String, String> rows = rows(table);
        assertThat(places).as("the product's places, and %s", table).containsExactlyInAnyOrderElementsOf(rows.keySet());
        rows.forEach((place, test) -> {
            if (!test.startsWith(REASON)) {
                assertThat(exists(test)).as("%s of %s: %s", table, place, test).isTrue();
            }
        });
    }

    /** Lines as {@code place = module Class#method}. */
    private static Map<String, String> rows(String table) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        try (InputStream file = WatchDogTest.class.getResourceAsStream(table)) {
            List<String> lines = new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            for (String line : lines) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] row = line.split(" = ", 2);
                    rows.put(row[0].strip(), row[1].strip());
                }
            }
        }
        return rows;
    }

    private static boolean exists(String test) {
        String[] parts = test.split("[ #]");
        try (Stream<Path> sources = Files.walk(Path.of("..", parts[0], "src", "test", "java"))) {
            return sources.filter(source -> source.endsWith(parts[1] + ".java"))
                    .anyMatch(source -> read(source)
                            .matches("(?s).*@(Test|ParameterizedTest|MethodSource)\\b.*void " + parts[2] + "\\(.*"));
        } catch (IOException noSuchModule) {
            return false;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
