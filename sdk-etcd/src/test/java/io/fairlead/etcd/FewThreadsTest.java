// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.spi.Environment;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The few threads of all watches go on whatever a task throws and whoever refuses. */
class FewThreadsTest {
    private static final String KINDS = "io.fairlead.testkit.AnyThrowable#kinds";

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final List<String> done = new ArrayList<>();
    private int refusals;

    @ParameterizedTest
    @MethodSource(KINDS)
    void aTaskEndsOnlyItself(Throwable kind) {
        FewThreads threads = new FewThreads(refusing(kind));
        for (int i = 0; i < 10; i++) {
            threads.execute(() -> {
                throw AnyThrowable.sneak(kind);
            });
            threads.execute(() -> done.add("next"));
        }
        assertThat(done).hasSize(10);
        assertThat(events.events("callback")).hasSize(10);
    }

    @ParameterizedTest
    @MethodSource(KINDS)
    void aTaskThatIsRefusedIsRunLater(Throwable kind) {
        FewThreads threads = new FewThreads(refusing(kind));
        refusals = 5;
        threads.execute(() -> done.add("a"));
        threads.execute(() -> done.add("b"));
        assertThat(done).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(done).containsExactly("a", "b");
        assertThat(time.pendingTasks()).isZero();
    }

    private Environment refusing(Throwable kind) {
        return new Environment(
                time,
                time,
                task -> {
                    if (refusals-- > 0) {
                        throw AnyThrowable.sneak(kind);
                    }
                    task.run();
                },
                time.environment().random(),
                events);
    }
}
