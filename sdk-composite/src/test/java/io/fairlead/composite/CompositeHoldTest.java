// SPDX-License-Identifier: Apache-2.0
package io.fairlead.composite;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SnapshotFeed;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However registries are put together: what one lost while it was away is suspected, as by a watch on it alone. */
class CompositeHoldTest {
    private final VirtualTime time = new VirtualTime();
    private final Environment environment = time.environment();
    private final SnapshotFeed feed = new SnapshotFeed("orders", environment);
    private final Registry source = new Source(feed);
    private final Ear ear = new Ear();

    /** One source that goes away and comes back, in company. */
    enum Composite {
        MERGE,
        FIRST_HEALTHY,
        COMPARE,
        MERGE_OF_MERGE,
        FIRST_HEALTHY_OF_MERGE,
        MERGE_OF_FIRST_HEALTHY,
        COMPARE_OF_MERGE,
        LAST_OF_MERGE
    }

    @ParameterizedTest
    @EnumSource(Composite.class)
    void whatASourceLostWhileItWasAwayIsSuspected(Composite kind) {
        Registry composite = composite(kind);
        feed.publish(List.of(instance("a1"), instance("a2")));
        composite.watch("orders", ear);
        time.advance(Duration.ofSeconds(2));
        assertThat(ear.ids).contains("a1", "a2");
        down();
        time.advance(Duration.ofSeconds(5));
        feed.publish(List.of(instance("a1")));
        assertThat(ear.ids).contains("a1").doesNotContain("a2");
        assertThat(ear.dropped).as("without an interruption before").isEmpty();
        feed.publish(List.of(instance("a1"), instance("a2")));
        down();
        feed.publish(List.of());
        assertThat(ear.ids).doesNotContain("a1", "a2");
        assertThat(ear.dropped).as("without an interruption before").isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Composite.class)
    void whatASourceLosesWhileItAnswersIsNot(Composite kind) {
        Registry composite = composite(kind);
        feed.publish(List.of(instance("a1"), instance("a2")));
        composite.watch("orders", ear);
        time.advance(Duration.ofSeconds(2));
        down();
        feed.publish(List.of(instance("a1"), instance("a2")));
        feed.publish(List.of(instance("a1")));
        assertThat(ear.ids).contains("a1").doesNotContain("a2");
        assertThat(ear.dropped).containsExactly("a2");
    }

    private void down() {
        feed.interrupt(new RegistryException(RegistryException.Reason.UNREACHABLE, "down"));
    }

    private Registry composite(Composite kind) {
        Registry b = memory("b");
        Registry c = memory("c");
        return switch (kind) {
            case MERGE -> merge(source, b);
            case FIRST_HEALTHY -> first(source, b);
            case COMPARE -> compare(source, b);
            case MERGE_OF_MERGE -> merge(merge(source, b), c);
            case FIRST_HEALTHY_OF_MERGE -> first(merge(source, b), c);
            case MERGE_OF_FIRST_HEALTHY -> merge(first(source, b), c);
            case COMPARE_OF_MERGE -> compare(merge(b, source), c);
            case LAST_OF_MERGE -> merge(c, merge(b, source));
        };
    }

    private Registry merge(Registry one, Registry other) {
        return CompositeRegistry.merge(List.of(one, other), environment);
    }

    private Registry first(Registry one, Registry other) {
        return CompositeRegistry.firstHealthy(List.of(one, other), environment);
    }

    private Registry compare(Registry one, Registry other) {
        return CompositeRegistry.compare(one, other, environment, difference -> {});
    }

    private Registry memory(String id) {
        Registry memory = MemoryRegistry.builder().environment(environment).build();
        Registration unused = memory.register(instance(id), HealthCheck.none());
        return memory;
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 80).build();
    }

    /** Knows who was dropped by a list that did not follow an interruption. */
    private static final class Ear implements SnapshotListener {
        private final Set<String> dropped = new HashSet<>();
        private Set<String> ids = Set.of();
        private boolean interrupted;

        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            Set<String> now = new HashSet<>();
            snapshot.instances().forEach(instance -> now.add(instance.id()));
            if (!interrupted) {
                Stream<String> gone = ids.stream().filter(id -> !now.contains(id));
                gone.forEach(dropped::add);
            }
            interrupted = false;
            ids = now;
        }

        @Override
        public void onInterrupted(RegistryException cause) {
            interrupted = true;
        }
    }

    /** A registry that says what a feed is told. */
    private record Source(SnapshotFeed feed) implements Registry {
        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            return feed.subscribe(listener, () -> {});
        }

        @Override
        public ServiceSnapshot list(String service) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> services() {
            return Set.of("orders");
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
        public void close() {}
    }
}
