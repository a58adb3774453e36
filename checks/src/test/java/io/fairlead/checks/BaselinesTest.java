// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The baselines of the benchmarks stay what they say: short, and free of anything of ours. */
class BaselinesTest {

    @Test
    void importNothingOfOursAndHaveAtMostFortyLines() throws IOException {
        Path folder = GeneratedBlock.TOP.resolve("benchmarks/src/main/java/io/fairlead/benchmarks/baselines");
        try (Stream<Path> sources = Files.list(folder)) {
            List<Path> files = sources.toList();
            assertThat(files).hasSizeGreaterThan(5);
            for (Path file : files) {
                List<String> lines = Files.readAllLines(file);
                assertThat(lines).as(file.toString()).hasSizeLessThanOrEqualTo(40);
                assertThat(lines).as(file.toString()).noneMatch(line -> line.contains("import io.fairlead"));
            }
        }
    }
}
