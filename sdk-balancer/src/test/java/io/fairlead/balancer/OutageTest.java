// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static io.fairlead.balancer.FakeRegistry.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens to a list when its registry misbehaves, in both directions. */
class OutageTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Fairlead fairlead =
            Fairlead.builder(registry).environment(time.environment(7, events)).build();

    @Test
    void anInterruptionKeepsTheListAndSaysThatItIsStale() {
        start("a", "b", "c");
        registry.interrupt();
        time.advance(Duration.ofMinutes(9));
        assertThat(known()).containsExactly("a", "b", "c");
        assertThat(status().stale()).isTrue();
        assertThat(status().lastError()).contains("cut off by the test");
        assertThat(status().age()).isGreaterThan(Duration.ofMinutes(8));
        assertThat(fairlead.acquire("orders", PickContext.none()).instance().service())
                .isEqualTo("orders");
    }

    @Test
    void aRegistryThatComesBackEmptyEmptiesNothingForAMinute() {
        start("a", "b", "c");
        registry.interrupt();
        registry.lists();
        assertThat(known()).containsExactly("a", "b", "c");
        assertThat(events.events("held")).containsExactly("held orders 3 missing after an interruption");
        time.advance(Duration.ofSeconds(59));
        assertThat(known()).containsExactly("a", "b", "c");
        time.advance(Duration.ofSeconds(3));
        assertThat(known()).isEmpty();
        assertThat(events.events("released")).containsExactly("released orders 3 the grace is over");
    }

    @Test
    void whatIsListedAgainIsNoLongerHeld() {
        start("a", "b");
        registry.interrupt();
        registry.lists();
        registry.lists("a");
        time.advance(Duration.ofSeconds(62));
        assertThat(known()).containsExactly("a");
    }

    @Test
    void suspectsThatAllRefuseConnectionsAreGone() {
        start("a", "b");
        registry.interrupt();
        registry.lists();
        for (String id : List.of("a", "b")) {
            refuse(id);
        }
        time.advance(Duration.ofSeconds(2));
        assertThat(known()).isEmpty();
        assertThat(events.events("released")).containsExactly("released orders 2 every one refuses connections");
    }

    @Test
    void oneSuspectThatAnswersKeepsThemAll() {
        start("a", "b");
        registry.interrupt();
        registry.lists();
        refuse("a");
        time.advance(Duration.ofSeconds(5));
        assertThat(known()).containsExactly("a", "b");
    }

    @Test
    void anOrdinaryRemovalAppliesAtOnce() {
        start("a", "b", "c");
        registry.lists("a", "b");
        assertThat(known()).containsExactly("a", "b");
    }

    @Test
    void theLastInstanceMayLeaveInGoodOrder() {
        start("a");
        registry.lists();
        assertThat(known()).isEmpty();
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .isInstanceOfSatisfying(
                        NoInstanceException.class,
                        none -> assertThat(none.reason()).isEqualTo(NoInstanceException.Reason.EMPTY));
    }

    @Test
    void mostVanishingAtOnceIsSuspect() {
        start("a", "b", "c", "d");
        registry.lists("a");
        assertThat(known()).containsExactly("a", "b", "c", "d");
        assertThat(status().instances().stream().filter(InstanceView::suspect)).hasSize(3);
        time.advance(Duration.ofSeconds(62));
        assertThat(known()).containsExactly("a");
    }

    @Test
    void whoSaidGoodbyeIsNotMissed() {
        start("a", "b");
        registry.lists(List.of(
                FakeRegistry.with("a", InstanceStatus.DRAINING), FakeRegistry.with("b", InstanceStatus.DRAINING)));
        registry.interrupt();
        registry.lists();
        assertThat(known()).isEmpty();
    }

    @Test
    void aCopyAtANewAddressReplacesTheOldOne() {
        start("a", "b");
        registry.interrupt();
        registry.lists(List.of(instance("a").toBuilder().address("10.9.9.9", 80).build(), instance("b")));
        assertThat(status().instances()).hasSize(2);
        assertThat(status().instances().get(0).instance().host()).isEqualTo("10.9.9.9");
    }

    @Test
    void switchedOffEveryListIsBelieved() {
        Fairlead believing = Fairlead.builder(registry)
                .environment(time.environment())
                .outagePolicy(OutagePolicy.off())
                .build();
        registry.lists("a", "b", "c");
        believing.awaitReady(Duration.ofSeconds(1), "orders");
        registry.interrupt();
        registry.lists();
        assertThat(believing.status("orders").instances()).isEmpty();
    }

    private void start(String... ids) {
        registry.lists(ids);
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
    }

    private void refuse(String id) {
        for (int tries = 0; tries < 1_000; tries++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                if (attempt.instance().id().equals(id)) {
                    attempt.complete(Outcome.UNREACHABLE);
                    return;
                }
            }
        }
        throw new AssertionError(id + " was never picked");
    }

    private ServiceStatus status() {
        return fairlead.status("orders");
    }

    private List<String> known() {
        return status().instances().stream().map(view -> view.instance().id()).toList();
    }
}
