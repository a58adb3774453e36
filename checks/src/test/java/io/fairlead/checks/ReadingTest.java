// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * How much of a module a reader must know to understand one type of it, from the class files, generics included: the types of
 * the largest circle, and the mean part of its types that one leads to, in per cent. {@code reading.properties} has the most
 * that either may be; whoever makes one less writes that there, so that they only fall.
 */
class ReadingTest {
    /** The figures of a module. A nested type counts as its outermost. */
    private record Reading(int types, Set<String> circle, double closurePercent) {
        static Reading of(Map<String, Set<String>> uses) {
            Map<String, Set<String>> reached = new HashMap<>();
            uses.keySet().forEach(type -> reached.put(type, from(type, uses)));
            Set<String> circle = Set.of();
            long sum = 0;
            for (Map.Entry<String, Set<String>> type : reached.entrySet()) {
                Set<String> both = new TreeSet<>(type.getValue());
                both.removeIf(other -> !reached.get(other).contains(type.getKey()));
                circle = both.size() > circle.size() ? both : circle;
                sum += type.getValue().size();
            }
            double mean = uses.isEmpty() ? 0 : (double) sum / uses.size();
            return new Reading(uses.size(), circle, uses.isEmpty() ? 0 : 100 * mean / uses.size());
        }

        /** Every type that one leads to, itself included. */
        private static Set<String> from(String start, Map<String, Set<String>> uses) {
            Set<String> seen = new HashSet<>(Set.of(start));
            Deque<String> open = new ArrayDeque<>(seen);
            while (!open.isEmpty()) {
                for (String next : uses.get(open.pop())) {
                    if (seen.add(next)) {
                        open.push(next);
                    }
                }
            }
            return seen;
        }
    }

    @Test
    void noModuleGetsHarderToRead() throws IOException {
        Properties most = new Properties();
        try (InputStream file = getClass().getResourceAsStream("/reading.properties")) {
            most.load(file);
        }
        Map<String, Reading> seen = new TreeMap<>();
        for (String module : modules()) {
            seen.put(module, Reading.of(uses(module)));
        }
        System.out.println("module                  types  largest circle  mean closure");
        seen.forEach((module, reading) -> System.out.printf(
                Locale.ROOT,
                "%-22s %6d %15d %12.1f %%  %s%n",
                module,
                reading.types(),
                reading.circle().size(),
                reading.closurePercent(),
                reading.circle().size() < 2 ? "" : reading.circle()));
        assertThat(most.stringPropertyNames())
                .as("modules of reading.properties")
                .isEqualTo(seen.keySet());
        seen.forEach((module, reading) -> {
            String[] limits = most.getProperty(module).split(" +");
            assertThat(reading.circle().size())
                    .as("largest circle of " + module)
                    .isLessThanOrEqualTo(Integer.parseInt(limits[0]));
            assertThat(reading.closurePercent())
                    .as("mean closure of " + module + ", in per cent")
                    .isLessThanOrEqualTo(Double.parseDouble(limits[1]));
        });
    }

    /** Those that have a product. */
    private static List<String> modules() throws IOException {
        try (Stream<Path> folders = Files.list(GeneratedBlock.TOP)) {
            return folders.filter(folder -> folder.getFileName().toString().startsWith("sdk-"))
                    .filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static Map<String, Set<String>> uses(String module) {
        JavaClasses classes =
                new ClassFileImporter().importPath(GeneratedBlock.TOP.resolve(module + "/target/classes"));
        Map<String, Set<String>> uses = new HashMap<>();
        for (JavaClass type : classes) {
            uses.computeIfAbsent(outermost(type), ignored -> new HashSet<>());
        }
        for (JavaClass type : classes) {
            Set<String> mine = uses.get(outermost(type));
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> outermost(dependency.getTargetClass().getBaseComponentType()))
                    .filter(uses::containsKey)
                    .forEach(mine::add);
        }
        return uses;
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }
}
