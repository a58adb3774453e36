// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.balancer.FairleadOptions;
import io.fairlead.balancer.OptionView;
import io.fairlead.balancer.ServiceOptions;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/options.md} has each option with its default and what its reader's Javadoc says of it. */
class OptionsPageTest {
    /** A setter for one more of several, and the reader of all of them. */
    private static final List<String[]> PLURALS =
            List.of(new String[] {"serviceName", "serviceNames"}, new String[] {"serviceSuffix", "serviceSuffixes"});

    @Test
    void thePageHasEachOptionWithItsDefault() throws Exception {
        check("of a service", ServiceOptions.class);
        check("of all", FairleadOptions.class);
    }

    private static void check(String block, Class<?> type) throws Exception {
        String source = Files.readString(GeneratedBlock.TOP.resolve(
                "sdk-balancer/src/main/java/" + type.getName().replace('.', '/') + ".java"));
        Map<String, String> standards = FairleadOptions.defaults().view().stream()
                .collect(Collectors.toMap(OptionView::name, OptionView::standard));
        TreeMap<String, String> rows = new TreeMap<>();
        for (Method setter : type.getMethods()) {
            if (setter.getName().startsWith("with") && !setter.getName().startsWith("without")) {
                String name = reader(setter.getName().substring(4));
                // A predicate has no words.
                String standard = standards.getOrDefault(name, "none").replace("|", "\\|");
                rows.put(name, "| `" + name + "` | `" + standard + "` | " + meaning(source, name) + " |\n");
            }
        }
        assertThat(rows).hasSizeGreaterThan(4);
        GeneratedBlock.check(
                GeneratedBlock.TOP.resolve("docs/options.md"),
                block,
                "| Option | Default | Meaning |\n|---|---|---|\n" + String.join("", rows.values()));
    }

    private static String reader(String name) {
        String plain = Character.toLowerCase(name.charAt(0)) + name.substring(1);
        return PLURALS.stream()
                .filter(pair -> pair[0].equals(plain))
                .map(pair -> pair[1])
                .findFirst()
                .orElse(plain);
    }

    private static String meaning(String source, String reader) throws IOException {
        Matcher found = Pattern.compile(
                        "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+public [\\w.<>]+ " + reader + "\\(\\)", Pattern.DOTALL)
                .matcher(source);
        assertThat(found.find()).as(reader).isTrue();
        return found.group(1)
                .replaceAll("\\s*\\n\\s*\\*", "")
                .replaceAll("\\{@(?:code|link) #?([^}]+)}", "`$1`")
                .replace('#', '.')
                .replace("|", "\\|")
                .strip();
    }
}
