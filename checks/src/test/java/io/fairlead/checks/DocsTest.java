// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages say of the source is so: modules, locks, who makes threads, names of types and methods. */
class DocsTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern WORD = Pattern.compile("`([A-Z]\\w+)(?:\\.([A-Z]\\w+))?(?:\\.([a-z]\\w+))?`");

    /** Names of other libraries in our pages. */
    private static final Set<String> OTHERS =
            Set.of("OkHttpClient", "HttpClient", "LongAdder", "Error", "Host", "Retry", "ReentrantLock", "SSLContext");

    @Test
    void theReadmeNamesEveryPublishedModule() {
        Set<String> named = new TreeSet<>();
        find("(?m)^\\| (`fairlead-.*) \\|.*$", read(TOP.resolve("README.md")))
                .forEach(row -> find("`(fairlead-\\w+)`", row.group(1)).forEach(name -> named.add(name.group(1))));
        assertThat(named).isEqualTo(published());
    }

    @Test
    void theBomHasEveryPublishedModule() {
        Set<String> named = new TreeSet<>();
        find("<artifactId>(fairlead-\\w+)</artifactId>", read(TOP.resolve("sdk-bom/pom.xml")))
                .forEach(artifact -> named.add(artifact.group(1)));
        assertThat(named).isEqualTo(published());
    }

    /** The BOM itself is one. */
    private static Set<String> published() {
        Set<String> published = new TreeSet<>();
        find("<module>sdk-(\\w+)</module>", read(TOP.resolve("pom.xml")))
                .forEach(module -> published.add("fairlead-" + module.group(1)));
        return published;
    }

    @Test
    void theTableOfLocksHasEveryLock() {
        Set<String> locks = new TreeSet<>();
        product().forEach((name, text) -> {
            if (text.contains("new ReentrantLock(")) {
                locks.add(name);
            }
            assertThat(text).as(name).doesNotContain("synchronized (");
        });
        String page = read(TOP.resolve("docs/concurrency.md"));
        String table = page.substring(page.indexOf("## Locks"), page.indexOf("## Hot words"));
        Set<String> rows = new TreeSet<>();
        find("(?m)^\\| (`.*?) \\|", table)
                .forEach(row -> find("`(\\w+)`", row.group(1)).forEach(name -> rows.add(name.group(1))));
        assertThat(rows).isEqualTo(locks);
    }

    @Test
    void threadsAndProvidersComeFromOnePlaceEach() {
        Set<String> threads = new TreeSet<>();
        Set<String> loaders = new TreeSet<>();
        product().forEach((name, text) -> {
            if (text.contains("new Thread(") || text.contains("Thread.ofVirtual(")) {
                threads.add(name);
            }
            if (text.contains("ServiceLoader.load(")) {
                loaders.add(name);
            }
        });
        assertThat(threads).containsExactly("SystemThreads");
        assertThat(loaders).containsExactly("Providers");
    }

    @Test
    void everyTypeAndMethodThePagesNameExists() {
        Map<String, String> sources = sources("");
        Set<String> types = new TreeSet<>(OTHERS);
        sources.values()
                .forEach(source -> find("(?:class|interface|record|enum) (\\w+)", source)
                        .forEach(type -> types.add(type.group(1))));
        List<String> unknown = new ArrayList<>();
        for (String page : List.of("README.md", "docs/architecture.md", "docs/concurrency.md")) {
            find(WORD.pattern(), read(TOP.resolve(page))).forEach(word -> {
                String type = word.group(1);
                String source = sources.get(type);
                boolean isConstant = type.equals(type.toUpperCase(Locale.ROOT));
                if (!types.contains(type) && !isConstant) {
                    unknown.add(page + ": " + word.group());
                }
                String member = word.group(3);
                boolean isGone = source != null
                        && member != null
                        && find("\\b" + member + "\\b", source).findAny().isEmpty();
                if (isGone) {
                    unknown.add(page + ": " + word.group());
                }
            });
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void everyLinkOfAPageLeadsSomewhere() {
        List<String> lost = new ArrayList<>();
        pages().forEach((page, text) -> find("\\]\\(([^)#:\\s]+)[^)]*\\)", text)
                .filter(link -> !Files.exists(page.resolveSibling(link.group(1))))
                .forEach(link -> lost.add(page + ": " + link.group(1))));
        assertThat(lost).isEmpty();
    }

    @Test
    void ofTwoDecisionsOneOfWhichChangesTheOtherEachSaysSoAtItsTop() {
        Set<String> said = new TreeSet<>();
        pages().forEach((page, text) -> {
            if (page.getParent().endsWith("decisions")) {
                String number = page.getFileName().toString().substring(0, 4);
                find("\\((\\d{4})-", text.substring(0, text.indexOf("**Context.**")))
                        .forEach(other -> said.add(number + " " + other.group(1)));
            }
        });
        assertThat(said)
                .isNotEmpty()
                .allSatisfy(pair -> assertThat(said).contains(pair.substring(5) + " " + pair.substring(0, 4)));
    }

    private static Map<Path, String> pages() {
        Map<Path, String> pages = new HashMap<>();
        for (String place : List.of("", "docs", "docs/decisions", "benchmarks/simulation")) {
            try (Stream<Path> folder = Files.list(TOP.resolve(place))) {
                folder.filter(file -> file.toString().endsWith(".md")).forEach(file -> pages.put(file, read(file)));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
        return pages;
    }

    /** By simple name: what is published, without the testkit. */
    private static Map<String, String> product() {
        return sources("sdk-(?!testkit)\\w+/src/main/.*");
    }

    private static Map<String, String> sources(String wanted) {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> tree = Files.walk(TOP)) {
            tree.forEach(path -> {
                String place = TOP.relativize(path).toString().replace('\\', '/');
                if (place.endsWith(".java")
                        && place.contains("/src/")
                        && !place.contains("target/")
                        && (wanted.isEmpty() || place.matches(wanted))) {
                    String name = path.getFileName().toString().replace(".java", "");
                    sources.merge(name, read(path), String::concat);
                }
            });
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return sources;
    }

    private static Stream<MatchResult> find(String pattern, CharSequence text) {
        return Pattern.compile(pattern).matcher(text).results();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
