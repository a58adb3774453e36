// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Habits of the source tree that a compiler does not know. */
class TreeTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern PROVIDES =
            Pattern.compile("provides\\s+([\\w.]+)\\s+with\\s+([\\w.,\\s]+);", Pattern.DOTALL);

    @Test
    void serviceFilesSayWhatModuleDescriptorsSay() {
        for (Path descriptor : files("module-info.java")) {
            String text = read(descriptor);
            List<String> imports = Pattern.compile("import ([\\w.]+);")
                    .matcher(text)
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            PROVIDES.matcher(text).results().forEach(match -> {
                String service = qualified(match.group(1), imports);
                Path file = services(descriptor).resolve(service);
                List<String> provided = new ArrayList<>();
                for (String name : match.group(2).split(",")) {
                    provided.add(qualified(name.strip(), imports));
                }
                assertThat(new TreeSet<>(read(file).lines().toList()))
                        .as(file.toString())
                        .isEqualTo(new TreeSet<>(provided));
            });
        }
    }

    @Test
    void testsNeverSleepAndAreNeverSwitchedOff() {
        for (Path test : files(".java")) {
            if (test.toString().contains("/src/test/")
                    && !test.getFileName().toString().equals("TreeTest.java")) {
                assertThat(read(test))
                        .as(test.toString())
                        .doesNotContain(
                                "Thread.sleep", "TimeUnit.SECONDS.sleep", "@Disabled", "assumeTrue", "assumeThat");
            }
        }
    }

    @Test
    void noSlowTestIsInAModuleThatPassesThemOver() {
        for (Path test : files("Test.java")) {
            Path module = TOP.resolve(TOP.relativize(test).getName(0));
            if (read(test).contains("@Tag(\"slow\")")) {
                assertThat(read(module.resolve("pom.xml")))
                        .as(test.toString())
                        .doesNotContain("<fairlead.slow.skip>true<");
            }
        }
    }

    @Test
    void theJdksHttpServerNeverWaitsForAcknowledgements() {
        for (Path source : files(".java")) {
            if (source.toString().contains("/src/main/") && read(source).contains("HttpServer.create(")) {
                assertThat(read(source))
                        .as(source + ": without it every keep-alive request takes 44 ms on Java 17")
                        .contains("sun.net.httpserver.nodelay");
            }
        }
    }

    @Test
    void namesSayWhatIsDifferent() {
        assertThat(files(".java").stream().map(path -> path.getFileName().toString()))
                .noneMatch(name -> name.matches("(Abstract|Default).*|.*(Impl|Utils?|Manager|Helper|Misc)\\.java"));
    }

    @Test
    void everyJavaFileNamesItsLicence() {
        for (Path source : files(".java")) {
            assertThat(read(source)).as(source.toString()).startsWith("// SPDX-License-Identifier: Apache-2.0");
        }
    }

    private static String qualified(String name, List<String> imports) {
        String first = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
        return imports.stream()
                .filter(imported -> imported.endsWith("." + first))
                .map(imported -> name.equals(first) ? imported : imported + "$" + name.substring(first.length() + 1))
                .findFirst()
                .orElse(name);
    }

    private static Path services(Path descriptor) {
        return descriptor.getParent().getParent().resolve("resources/META-INF/services");
    }

    private static List<Path> files(String ending) {
        try (Stream<Path> tree = Files.walk(TOP)) {
            return tree.filter(path -> path.toString().endsWith(ending)
                            && !path.toString().contains("/target/")
                            && path.toString().contains("/src/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
