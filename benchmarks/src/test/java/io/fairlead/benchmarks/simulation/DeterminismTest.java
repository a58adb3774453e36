// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing in the simulator depends on the hour, the machine or an order nobody chose. */
class DeterminismTest {
    @Test
    void theSimulatorUsesNoClockNoHiddenRandomnessAndNoUnorderedCollection() throws Exception {
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java/io/fairlead/benchmarks/simulation"))) {
            List<Path> files = sources.filter(Files::isRegularFile).toList();

            assertThat(files).hasSizeGreaterThan(30);
            for (Path file : files) {
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContain(
                                "nanoTime()",
                                "currentTimeMillis",
                                "Instant.now",
                                "new Random(",
                                "Math.random",
                                "ThreadLocalRandom",
                                "identityHashCode",
                                "parallel()",
                                "parallelStream",
                                " HashMap<",
                                " HashSet<");
            }
        }
    }
}
