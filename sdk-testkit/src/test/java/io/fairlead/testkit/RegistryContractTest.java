// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.fairlead.api.Registry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The contract itself: a good registry passes all of it, and each broken one fails in the case that is about it. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryContractTest {
    private static final ThreadLocal<Function<RecordingListener, SmallRegistry>> UNDER_TEST = new ThreadLocal<>();
    private static final ThreadLocal<Duration> PATIENCE = new ThreadLocal<>();

    /** What fails of the broken ones, by name; found by the first test that wants to know. */
    private final Map<String, List<String>> ofTheBroken = new TreeMap<>();

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
            return PATIENCE.get();
        }
    }

    static Stream<String> broken() {
        return BrokenRegistries.ALL.keySet().stream().sorted();
    }

    @Test
    void aGoodRegistryPasses() {
        assertThat(failures(SmallRegistry::new, Duration.ofSeconds(15))).isEmpty();
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
        if (ofTheBroken.isEmpty()) {
            runTheBroken();
        }
        assertThat(ofTheBroken.get(name))
                .as("cases that fail when a registry " + name)
                .contains(BrokenRegistries.ALL.get(name).expectedCase());
    }

    /** All at once, for each waits as long as its patience in every case that fails. */
    private void runTheBroken() {
        ExecutorService threads = Executors.newFixedThreadPool(BrokenRegistries.ALL.size());
        Map<String, CompletableFuture<List<String>>> running = new TreeMap<>();
        BrokenRegistries.ALL.forEach((name, broken) -> running.put(
                name,
                CompletableFuture.supplyAsync(() -> failures(broken.registry(), Duration.ofSeconds(1)), threads)));
        running.forEach((name, failures) -> ofTheBroken.put(name, failures.join()));
        threads.shutdown();
    }

    private static List<String> failures(Function<RecordingListener, SmallRegistry> registry, Duration patience) {
        UNDER_TEST.set(registry);
        PATIENCE.set(patience);
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
