// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A part of a page that is made from committed results, between {@code <!-- name -->} and {@code <!-- /name -->}: it must
 * say what they say. With {@code -Dreadme.update=true} it is written instead.
 */
final class GeneratedBlock {
    static final Path TOP = Path.of("..").toAbsolutePath().normalize();

    private GeneratedBlock() {}

    static JsonNode results(String file) throws IOException {
        return new ObjectMapper()
                .readTree(TOP.resolve("benchmarks/results").resolve(file).toFile());
    }

    static void check(Path page, String name, String wanted) throws IOException {
        String text = Files.readString(page);
        String begin = "<!-- " + name + " -->\n";
        assertThat(text).as(page.toString()).contains(begin).contains("<!-- /" + name + " -->");
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf("<!-- /" + name + " -->");
        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(page, text.substring(0, from) + wanted + text.substring(to));
        } else {
            assertThat(text.substring(from, to)).as(page + ", " + name).isEqualTo(wanted);
        }
    }
}
