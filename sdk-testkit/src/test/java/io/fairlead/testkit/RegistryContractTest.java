// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.fairlead.api.Registry;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The contract itself: a good registry passes all of it, and each broken one fails in the case that is about it. */
@Tag("slow")
class RegistryContractTest {
    private static final ThreadLocal<Function<RecordingListener, SmallRegistry>> UNDER_TEST = new ThreadLocal<>();

    /** Found by the engine only when selected; its name keeps it out of ordinary runs. */
    static class Subject extends RegistryContract {
        private SmallRegistry registry;

        @Override
        protected Registry open(RecordingListener events) {
            registry = UNDER_TEST.get().apply(events);
            return registry;
        }

        @Override
        protected void interrupt() {
            registry.outage(true);
        }

        @Override
        protected void restore() {
            registry.outage(false);
        }

        @Override
        protected Duration patience() {
            return Duration.ofSeconds(1);
        }
    }

    static Stream<String> broken() {
        return BrokenRegistries.ALL.keySet().stream().sorted();
    }

    @Test
    void aGoodRegistryPasses() {
        assertThat(failures(SmallRegistry::new)).isEmpty();
    }

    @Test
    void thereAreTenBrokenOnes() {
        assertThat(BrokenRegistries.ALL).hasSize(10);
        assertThat(BrokenRegistries.ALL.values().stream()
                        .map(BrokenRegistries.Broken::expectedCase)
                        .distinct())
                .hasSize(10);
    }

    @ParameterizedTest
    @MethodSource("broken")
    void aBrokenRegistryFailsInTheCaseThatIsAboutIt(String name) {
        BrokenRegistries.Broken broken = BrokenRegistries.ALL.get(name);
        assertThat(failures(broken.registry()))
                .as("cases that fail when a registry " + name)
                .contains(broken.expectedCase());
    }

    private static List<String> failures(Function<RecordingListener, SmallRegistry> registry) {
        UNDER_TEST.set(registry);
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Subject.class))
                .execute()
                .testEvents()
                .failed()
                .stream()
                .map(event -> event.getTestDescriptor().getDisplayName().replace("()", ""))
                .toList();
    }
}
