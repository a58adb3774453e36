// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits in a lane is next in the order of coming, unless he has left. */
class LaneTest {
    private final Lane lane = new Lane(1);
    private final List<String> order = new ArrayList<>();

    @Test
    void whoHasLeftIsPassedOverAndHoldsNoPlace() {
        Runnable second = () -> order.add("second");
        lane.enter(() -> order.add("first"));
        lane.enter(second);
        lane.enter(() -> order.add("third"));
        assertThat(lane.leave(second)).isTrue();
        assertThat(lane.leave(second)).isFalse();
        lane.release();
        assertThat(order).containsExactly("first", "third");
        lane.release();
        lane.enter(() -> order.add("fourth"));
        assertThat(order).containsExactly("first", "third", "fourth");
    }

    @Test
    void whoseTurnHasComeDoesNotLeave() {
        Runnable only = () -> order.add("only");
        lane.enter(only);
        assertThat(lane.leave(only)).isFalse();
    }
}
