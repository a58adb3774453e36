// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which packages users see: what module descriptors export to everybody, and all of a module that has none. */
final class Exports {
    private static final Pattern EXPORTED = Pattern.compile("exports ([\\w.]+);");

    private final Set<String> seen = new TreeSet<>();
    private final Set<String> hidden = new TreeSet<>();

    private Exports() {}

    /** Of all modules that are published, the testkit too. */
    static Exports ofProduct() throws IOException {
        Exports exports = new Exports();
        try (Stream<Path> folders = Files.list(Path.of(".."))) {
            List<Path> modules = folders.filter(
                            folder -> folder.getFileName().toString().startsWith("sdk-"))
                    .map(folder -> folder.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList();
            for (Path sources : modules) {
                exports.look(sources);
            }
        }
        return exports;
    }

    /** Packages that users see. */
    Set<String> seen() {
        return seen;
    }

    /** Packages that they do not. */
    Set<String> hidden() {
        return hidden;
    }

    private void look(Path sources) throws IOException {
        Path descriptor = sources.resolve("module-info.java");
        boolean isNamed = Files.exists(descriptor);
        Set<String> exported = new TreeSet<>();
        if (isNamed) {
            EXPORTED.matcher(Files.readString(descriptor)).results().forEach(match -> exported.add(match.group(1)));
        }
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.getFileName().toString().endsWith(".java"))
                    .filter(file -> !file.getParent().equals(sources))
                    .map(file -> sources.relativize(file.getParent()).toString().replace('/', '.'))
                    .forEach(name -> (isNamed && !exported.contains(name) ? hidden : seen).add(name));
        }
    }
}
