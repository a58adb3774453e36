// SPDX-License-Identifier: Apache-2.0
package io.fairlead.composite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.composite.CompositeRegistry.Difference;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SnapshotFeed;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Several registries as one, on virtual time. */
class CompositeRegistryTest {
    private final VirtualTime time = new VirtualTime();
    private final Environment environment = time.environment();
    private final MemoryRegistry first =
            MemoryRegistry.builder().environment(environment).build();
    private final MemoryRegistry second =
            MemoryRegistry.builder().environment(environment).build();
    private final RecordingSnapshots seen = new RecordingSnapshots();

    @Test
    void theFirstWithAUsableInstanceIsServed() {
        register(second, "b");
        Registry both = CompositeRegistry.firstHealthy(List.of(first, second), environment);
        both.watch("orders", seen);
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.ids()).containsExactly("b");
        Registration a = register(first, "a");
        assertThat(seen.ids()).containsExactly("a");
        a.report(InstanceStatus.CRITICAL, "ill");
        assertThat(seen.ids()).containsExactly("b");
        a.report(InstanceStatus.PASSING, "well");
        assertThat(seen.ids()).containsExactly("a");
        assertThat(both.list("orders").instances())
                .extracting(ServiceInstance::id)
                .containsExactly("a");
    }

    @Test
    void aSilentSourceIsServedFromItsLastListForAMinute() {
        register(first, "a");
        register(second, "b");
        Registry both = CompositeRegistry.firstHealthy(List.of(first, second), environment);
        both.watch("orders", seen);
        first.setAvailable(false);
        time.advance(Duration.ofSeconds(59));
        assertThat(seen.ids()).containsExactly("a");
        assertThat(seen.interruptions()).hasSize(1);
        time.advance(Duration.ofSeconds(2));
        assertThat(seen.ids()).containsExactly("b");
        first.setAvailable(true);
        assertThat(seen.ids()).containsExactly("a");
    }

    @Test
    void aSourceThatNeverAnswersDelaysTheFirstListByASecond() {
        register(second, "b");
        first.setAvailable(false);
        Registry both = CompositeRegistry.firstHealthy(List.of(first, second), environment);
        both.watch("orders", seen);
        time.advance(Duration.ofSeconds(1));
        assertThat(seen.ids()).containsExactly("b");
        assertThat(seen.interruptions()).isEmpty();
        assertThat(both.list("orders").instances()).hasSize(1);
        assertThat(both.services()).containsExactly("orders");
        second.setAvailable(false);
        assertThatThrownBy(() -> both.list("orders")).isInstanceOf(RegistryException.class);
        assertThat(seen.interruptions()).hasSize(1);
    }

    @Test
    void aMergeListsEverythingAndTheEarlierSourceWins() {
        register(first, "a");
        register(first, "both");
        register(second, "b");
        second.register(instance("both").toBuilder().weight(7).build(), HealthCheck.none());
        Registry merged = CompositeRegistry.merge(List.of(first, second), environment);
        merged.watch("orders", seen);
        assertThat(seen.ids()).containsExactly("a", "b", "both");
        assertThat(seen.last().instances().get(2).weight()).isEqualTo(1);
        second.setAvailable(false);
        assertThat(seen.ids()).containsExactly("a", "b", "both");
        assertThat(seen.interruptions()).isEmpty();
        register(first, "c");
        assertThat(seen.ids()).containsExactly("a", "b", "both", "c");
        first.setAvailable(false);
        assertThat(seen.interruptions()).hasSize(1);
    }

    @Test
    void aMergeRegistersEverywhereAndGoesOnTrying() {
        second.setAvailable(false);
        Registry merged = CompositeRegistry.merge(List.of(first, second), environment);
        Registration a = merged.register(instance("a"), HealthCheck.none());
        assertThat(first.list("orders").instances()).hasSize(1);
        second.setAvailable(true);
        time.advance(Duration.ofSeconds(10));
        assertThat(second.list("orders").instances()).hasSize(1);
        a.update(instance("a").toBuilder().weight(9).build());
        assertThat(second.list("orders").instances().get(0).weight()).isEqualTo(9);
        assertThat(a.state()).isEqualTo(Registration.State.REGISTERED);
        a.drain();
        assertThat(second.list("orders").instances().get(0).status()).isEqualTo(InstanceStatus.DRAINING);
    }

    @Test
    void nobodyTakingARegistrationIsAnErrorAndNothingGoesOn() {
        first.setAvailable(false);
        second.setAvailable(false);
        Registry merged = CompositeRegistry.merge(List.of(first, second), environment);
        assertThatThrownBy(() -> merged.register(instance("a"), HealthCheck.none()))
                .isInstanceOf(RegistryException.class);
        first.setAvailable(true);
        time.advance(Duration.ofMinutes(1));
        assertThat(first.services()).isEmpty();
    }

    @Test
    void aComparisonServesTheFirstAndTellsOfLastingDifferences() {
        List<Difference> told = new ArrayList<>();
        register(first, "a");
        register(second, "a");
        Registry compared = CompositeRegistry.compare(first, second, environment, told::add);
        compared.watch("orders", seen);
        register(second, "extra");
        time.advance(Duration.ofSeconds(1));
        register(first, "extra");
        time.advance(Duration.ofSeconds(5));
        assertThat(told).isEmpty();
        register(first, "missing");
        Registration odd = second.register(instance("odd"), HealthCheck.none());
        time.advance(Duration.ofSeconds(3));
        assertThat(told).containsExactly(new Difference("orders", Set.of("missing"), Set.of("odd"), Set.of()));
        assertThat(seen.ids()).containsExactly("a", "extra", "missing");
        odd.report(InstanceStatus.CRITICAL, "out of use");
        register(second, "missing");
        time.advance(Duration.ofSeconds(3));
        assertThat(told).hasSize(2);
        assertThat(told.get(1).isEmpty()).isTrue();
    }

    @Test
    void whatASourceOfAMergeLostWhileItWasAwayIsSuspectedNotDropped() {
        SnapshotFeed feed = new SnapshotFeed("orders", environment);
        register(second, "b");
        Registry both = CompositeRegistry.merge(List.of(new Scripted(feed), second), environment);
        feed.publish(List.of(instance("a")));
        both.watch("orders", seen);
        assertThat(seen.ids()).containsExactly("a", "b");
        feed.interrupt(new RegistryException(RegistryException.Reason.UNREACHABLE, "down"));
        assertThat(seen.interruptions()).as("the other still answers").isEmpty();
        register(second, "c");
        assertThat(seen.interruptions()).as("nothing of the other's is suspect").isEmpty();
        feed.publish(List.of());
        assertThat(seen.interruptions())
                .as("told before the list that lacks one")
                .hasSize(1);
        assertThat(seen.ids()).containsExactly("b", "c");
        feed.publish(List.of(instance("a")));
        feed.interrupt(new RegistryException(RegistryException.Reason.UNREACHABLE, "down again"));
        feed.publish(List.of(instance("a")));
        assertThat(seen.interruptions()).as("nothing was lost").hasSize(1);
        assertThat(seen.ids()).containsExactly("a", "b", "c");
    }

    @Test
    void aSourceThatCanNotBeFollowedDelaysNobodyAndIsTriedAgain() {
        SnapshotFeed feed = new SnapshotFeed("orders", environment);
        feed.publish(List.of(instance("a")));
        Scripted broken = new Scripted(feed);
        broken.failure = new StackOverflowError();
        register(second, "b");
        Registry both = CompositeRegistry.merge(List.of(broken, second), environment);
        both.watch("orders", seen);
        assertThat(seen.ids()).containsExactly("b");
        broken.failure = null;
        time.advance(Duration.ofSeconds(5));
        assertThat(seen.ids()).containsExactly("a", "b");
    }

    @Test
    void ofWhatASourceListsOnlyNamesThatCanBeWatchedAreListed() {
        Registry merged =
                CompositeRegistry.merge(List.of(new Scripted(new SnapshotFeed("orders", environment))), environment);
        assertThat(merged.services()).containsExactly("orders");
    }

    /** Says what its feed is told. */
    private static final class Scripted implements Registry {
        private final SnapshotFeed feed;
        private Error failure;

        Scripted(SnapshotFeed feed) {
            this.feed = feed;
        }

        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            if (failure != null) {
                throw failure;
            }
            return feed.subscribe(listener, () -> {});
        }

        @Override
        public ServiceSnapshot list(String service) {
            return feed.last();
        }

        @Override
        public Set<String> services() {
            return Set.of("orders", "a b", "x\u0007");
        }

        @Override
        public Registration register(ServiceInstance instance, HealthCheck check) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String description() {
            return "scripted";
        }

        @Override
        public void close() {
            throw new IllegalStateException("close failed");
        }
    }

    private static Registration register(Registry registry, String id) {
        return registry.register(instance(id), HealthCheck.none());
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 80).build();
    }
}
