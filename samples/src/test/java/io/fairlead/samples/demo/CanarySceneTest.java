// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.admin.EventLog;
import io.fairlead.memory.MemoryRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What {@code ./demo --scene canary} plays, with shorter acts. A file counts after two looks, one a second: that is most of its time. */
class CanarySceneTest {
    @Test
    void noCallFailsAndEachShareIsAsItsDocumentSays() throws Exception {
        try (MemoryRegistry registry = MemoryRegistry.create();
                CanaryScene scene = new CanaryScene(registry, Duration.ofMillis(200), 3)) {
            assertThat(scene.play(registry, new EventLog(), 0))
                    .as(scene::broken)
                    .isTrue();
        }
    }
}
