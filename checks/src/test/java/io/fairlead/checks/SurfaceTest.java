// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What users see is what module descriptors export, and what is compared with the last release is the same. */
class SurfaceTest {
    private static final Pattern LEFT_OUT = Pattern.compile("<exclude>(io\\.fairlead[\\w.]*)</exclude>");

    @Test
    void whatIsNotExportedIsLeftOutOfTheComparisonWithARelease() throws IOException {
        Set<String> leftOut = new TreeSet<>();
        LEFT_OUT.matcher(Files.readString(Path.of("..", "pom.xml")))
                .results()
                .forEach(match -> leftOut.add(match.group(1)));
        assertThat(leftOut)
                .as("packages that japicmp leaves out, in the root pom.xml")
                .isEqualTo(Exports.ofProduct().hidden());
    }
}
