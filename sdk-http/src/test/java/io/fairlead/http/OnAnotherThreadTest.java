// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.testkit.AnyThrowable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A caller's future ends though there is no thread to end it on. */
class OnAnotherThreadTest {
    private final List<String> done = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.AnyThrowable#kinds")
    void aTaskThatIsRefusedIsRunHere(Throwable kind) {
        OnAnotherThread threads = new OnAnotherThread(task -> {
            throw AnyThrowable.sneak(kind);
        });
        threads.execute(() -> done.add("ended"));
        assertThat(done).containsExactly("ended");
    }
}
