// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits in a queue is next in the order of coming, unless he has left. */
class SlotQueueTest {
    private final SlotQueue queue = new SlotQueue(1);
    private final List<String> order = new ArrayList<>();

    @Test
    void whoHasLeftIsPassedOverAndHoldsNoPlace() {
        Runnable second = () -> order.add("second");
        queue.enter(() -> order.add("first"));
        queue.enter(second);
        queue.enter(() -> order.add("third"));
        assertThat(queue.leave(second)).isTrue();
        assertThat(queue.leave(second)).isFalse();
        queue.release();
        assertThat(order).containsExactly("first", "third");
        queue.release();
        queue.enter(() -> order.add("fourth"));
        assertThat(order).containsExactly("first", "third", "fourth");
    }

    @Test
    void whoseTurnHasComeDoesNotLeave() {
        Runnable only = () -> order.add("only");
        queue.enter(only);
        assertThat(queue.leave(only)).isFalse();
    }
}
