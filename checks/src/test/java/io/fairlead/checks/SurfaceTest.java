// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What users see is what module descriptors export, and what is compared with the last release is the same. */
class SurfaceTest {
    private static final Pattern EXPORTED = Pattern.compile("exports ([\\w.]+);");
    private static final Pattern LEFT_OUT = Pattern.compile("<exclude>(io\\.fairlead[\\w.]*)</exclude>");

    @Test
    void whatIsNotExportedIsLeftOutOfTheComparisonWithARelease() throws IOException {
        Set<String> hidden = new TreeSet<>();
        for (Path sources : modules()) {
            Set<String> exported = found(EXPORTED, Files.readString(sources.resolve("module-info.java")));
            try (Stream<Path> files = Files.walk(sources)) {
                files.filter(file -> file.getFileName().toString().endsWith(".java"))
                        .filter(file -> !file.getParent().equals(sources))
                        .map(file ->
                                sources.relativize(file.getParent()).toString().replace('/', '.'))
                        .filter(name -> !exported.contains(name))
                        .forEach(hidden::add);
            }
        }
        assertThat(found(LEFT_OUT, Files.readString(Path.of("..", "pom.xml"))))
                .as("packages that japicmp leaves out, in the root pom.xml")
                .isEqualTo(hidden);
    }

    private static List<Path> modules() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of(".."))) {
            return folders.map(folder -> folder.resolve("src/main/java"))
                    .filter(sources -> Files.exists(sources.resolve("module-info.java")))
                    .toList();
        }
    }

    private static Set<String> found(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        pattern.matcher(text).results().forEach(match -> found.add(match.group(1)));
        return found;
    }
}
