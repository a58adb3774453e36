// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every registry must do, whatever stands behind it. A backend's test extends it and says how to open one; whoever
 * passes it works with the balancer. Cases await conditions, because real servers answer when they like.
 */
public abstract class RegistryContract {
    private final RecordingListener events = new RecordingListener();
    private @Nullable Registry registry;

    /** For subclasses. */
    protected RegistryContract() {}

    /** A fresh registry whose events go to {@code events}, with a propagation wait of zero and no in-flight wait. */
    protected abstract Registry open(RecordingListener events) throws Exception;

    /** Makes the registry unreachable, as a crash does; what it knows must survive. */
    protected abstract void interrupt() throws Exception;

    /** Makes it reachable again. */
    protected abstract void restore() throws Exception;

    /** Longest wait for one condition. */
    protected Duration patience() {
        return ofSeconds(15);
    }

    /** Events of the registry under test. */
    protected final RecordingListener events() {
        return events;
    }

    /** The registry under test. */
    protected final Registry registry() {
        return Objects.requireNonNull(registry);
    }

    /** Opens the registry. */
    @BeforeEach
    final void openRegistry() throws Exception {
        registry = open(events);
    }

    /** Closes the registry(). */
    @AfterEach
    final void closeRegistry() {
        registry().close();
    }

    /** Nothing of an instance is lost on the way through the registry(). */
    @Test
    void everyComponentSurvivesTheRoundTrip() {
        ServiceInstance rich = ServiceInstance.builder("orders")
                .id("orders-1")
                .address("10.1.2.3", 8443)
                .scheme("https")
                .weight(250)
                .zone("eu-1a")
                .version("2.7.1")
                .tag("v2")
                .tag("blue")
                .metadata("team", "checkout")
                .metadata("build_no", "1234 ü")
                .build();
        ServiceInstance ipv6 = ServiceInstance.builder("orders")
                .id("orders-2")
                .address("[2001:db8::7]", 80)
                .build();
        registry().register(rich, HealthCheck.none());
        registry().register(ipv6, HealthCheck.none());
        eventually(() -> assertThat(registry().list("orders").instances()).containsExactly(rich, ipv6));
    }

    /** A watch hears of an instance that comes, changes and goes. */
    @Test
    void aWatchSeesRegistrationUpdateAndDeregistration() {
        RecordingSnapshots seen = watch("orders");
        Registration one = registry().register(instance("one"), HealthCheck.none());
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        ServiceInstance heavier = instance("one").toBuilder()
                .weight(7)
                .tag("new")
                .metadata("k", "v")
                .build();
        one.update(heavier);
        eventually(() -> assertThat(last(seen).instances()).containsExactly(heavier));
        int before = seen.snapshots().size();
        one.close();
        eventually(() -> assertThat(seen.ids()).isEmpty());
        assertThat(seen.snapshots().subList(1, before))
                .as("an update is never an absence")
                .noneMatch(ServiceSnapshot::isEmpty);
    }

    /** A draining instance says so before it leaves. */
    @Test
    void aDrainingInstanceIsSeenDraining() {
        RecordingSnapshots seen = watch("orders");
        Registration one = registry().register(instance("one"), HealthCheck.none());
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        one.drain();
        assertThat(one.state()).isEqualTo(Registration.State.DRAINING);
        eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.DRAINING));
    }

    /** A service nobody registered is an empty list, not silence. */
    @Test
    void anUnknownServiceYieldsAnEmptySnapshot() {
        RecordingSnapshots seen = watch("nobody");
        eventually(() -> assertThat(last(seen).instances()).isEmpty());
        assertThat(last(seen).service()).isEqualTo("nobody");
    }

    /** A listener that comes later is told how things stand. */
    @Test
    void aLateListenerIsToldTheList() {
        registry().register(instance("one"), HealthCheck.none());
        RecordingSnapshots early = watch("orders");
        eventually(() -> assertThat(early.ids()).containsExactly("one"));
        RecordingSnapshots late = watch("orders");
        eventually(() -> assertThat(late.ids()).containsExactly("one"));
    }

    /** A listener that throws harms nobody, itself included. */
    @Test
    void aThrowingListenerDisturbsNobody() {
        RecordingSnapshots thrower = new RecordingSnapshots();
        registry().watch("orders", snapshot -> {
            thrower.onSnapshot(snapshot);
            throw new IllegalStateException("listener's own fault");
        });
        RecordingSnapshots other = watch("orders");
        registry().register(instance("one"), HealthCheck.none());
        eventually(() -> assertThat(other.ids()).containsExactly("one"));
        eventually(() -> assertThat(thrower.ids()).containsExactly("one"));
        eventually(() -> assertThat(events.events("callback")).isNotEmpty());
    }

    /** No listener at all is a mistake of the caller's, and heard of at once. */
    @Test
    @SuppressWarnings("NullAway") // what callers outside of its checks may do
    void noListenerIsRefusedAtOnce() {
        assertThatThrownBy(() -> registry().watch("orders", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("listener of 'orders': null (expected: a listener)");
    }

    /** A closed subscription hears nothing; others do. */
    @Test
    void aClosedSubscriptionHearsNothing() {
        RecordingSnapshots closed = new RecordingSnapshots();
        Subscription subscription = registry().watch("orders", closed);
        RecordingSnapshots open = watch("orders");
        eventually(() -> assertThat(closed.last()).isNotNull());
        subscription.close();
        subscription.close();
        registry().register(instance("one"), HealthCheck.none());
        eventually(() -> assertThat(open.ids()).containsExactly("one"));
        assertThat(closed.ids()).isEmpty();
    }

    /** Services whose names begin alike do not mix. */
    @Test
    void servicesDoNotMix() {
        RecordingSnapshots orders = watch("orders");
        RecordingSnapshots longer = watch("orders-v2");
        registry().register(instance("one"), HealthCheck.none());
        registry()
                .register(
                        ServiceInstance.builder("orders-v2")
                                .id("two")
                                .address("10.0.0.2", 80)
                                .build(),
                        HealthCheck.none());
        eventually(() -> assertThat(longer.ids()).containsExactly("two"));
        eventually(() -> assertThat(orders.ids()).containsExactly("one"));
        eventually(() -> assertThat(registry().services()).contains("orders", "orders-v2"));
    }

    /** One id, one registration. */
    @Test
    void anIdIsRegisteredOnce() {
        Registration first = registry().register(instance("one"), HealthCheck.none());
        assertThatThrownBy(() -> registry().register(instance("one"), HealthCheck.none()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one");
        first.close();
        registry().register(instance("one"), HealthCheck.none());
        eventually(() -> assertThat(registry().list("orders").instances()).hasSize(1));
    }

    /** What the application reports is seen, and so is its recovery. */
    @Test
    void aReportedStatusIsSeen() {
        RecordingSnapshots seen = watch("orders");
        Registration one = registry().register(instance("one"), HealthCheck.ttl());
        eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.PASSING));
        one.report(InstanceStatus.CRITICAL, "database gone");
        eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.CRITICAL));
        one.report(InstanceStatus.WARNING, "database slow");
        eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.WARNING));
        one.report(InstanceStatus.PASSING, "");
        eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.PASSING));
    }

    /** Revisions of one watch only grow. */
    @Test
    void revisionsGrow() {
        RecordingSnapshots seen = watch("orders");
        for (int i = 0; i < 5; i++) {
            String id = "i" + i;
            registry().register(instance(id), HealthCheck.none());
            eventually(() -> assertThat(seen.ids()).contains(id));
        }
        List<Long> revisions =
                seen.snapshots().stream().map(ServiceSnapshot::revision).toList();
        assertThat(revisions).isSorted().doesNotHaveDuplicates();
    }

    /** An unreachable registry says so and never sends an empty list; afterwards changes are seen again. */
    @Test
    void anUnreachableRegistryNeverEmptiesTheList() throws Exception {
        RecordingSnapshots seen = watch("orders");
        Registration one = registry().register(instance("one"), HealthCheck.none());
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        int before = seen.snapshots().size();
        interrupt();
        eventually(() -> assertThat(seen.interruptions()).isNotEmpty());
        restore();
        eventually(() -> assertThat(one.state()).isEqualTo(Registration.State.REGISTERED));
        // It may be asked before the client has connected again.
        eventually(() -> assertThatCode(() -> registry().list("orders")).doesNotThrowAnyException());
        registry().register(instance("two"), HealthCheck.none());
        eventually(() -> assertThat(seen.ids()).containsExactly("one", "two"));
        assertThat(seen.snapshots().subList(before, seen.snapshots().size())).noneMatch(ServiceSnapshot::isEmpty);
    }

    /** A registry that does not answer is an error in good time, not a hang. */
    @Test
    void anUnreachableRegistryFailsReadsAndRegistrationsInTime() throws Exception {
        interrupt();
        try {
            long startNanos = System.nanoTime();
            assertThatThrownBy(() -> registry().list("orders")).isInstanceOf(RegistryException.class);
            assertThatThrownBy(() -> registry().register(instance("one"), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(ofSeconds(18));
        } finally {
            restore();
        }
    }

    /** Closing takes everything down, twice is once, and using it afterwards is an error. */
    @Test
    void closingDeregistersAndIsFinal() throws Exception {
        Registration one = registry().register(instance("one"), HealthCheck.none());
        registry().close();
        registry().close();
        assertThat(one.state()).isEqualTo(Registration.State.CLOSED);
        assertThatThrownBy(() -> registry().watch("orders", snapshot -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> registry().register(instance("two"), HealthCheck.none()))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Many comings and goings end where a plain set ends. */
    @Test
    void manyChangesEndWhereAPlainSetEnds() {
        SplittableRandom random = new SplittableRandom(20_261_124);
        Map<String, Registration> open = new TreeMap<>();
        RecordingSnapshots seen = watch("orders");
        for (int step = 0; step < 60; step++) {
            String id = "i" + random.nextInt(8);
            Registration registered = open.remove(id);
            if (registered != null) {
                registered.close();
            } else {
                open.put(id, registry().register(instance(id), HealthCheck.none()));
            }
        }
        List<String> expected = List.copyOf(new TreeSet<>(open.keySet()));
        eventually(() -> assertThat(seen.ids()).isEqualTo(expected));
        assertThat(registry().list("orders").instances())
                .extracting(ServiceInstance::id)
                .isEqualTo(expected);
    }

    private RecordingSnapshots watch(String service) {
        RecordingSnapshots seen = new RecordingSnapshots();
        registry().watch(service, seen);
        return seen;
    }

    private void eventually(ThrowingRunnable assertion) {
        await().atMost(patience()).pollInterval(Duration.ofMillis(20)).untilAsserted(assertion);
    }

    private static InstanceStatus statusOf(RecordingSnapshots seen) {
        assertThat(last(seen).instances()).hasSize(1);
        return last(seen).instances().get(0).status();
    }

    private static ServiceSnapshot last(RecordingSnapshots seen) {
        ServiceSnapshot last = seen.last();
        assertThat(last).as("a first snapshot").isNotNull();
        return Objects.requireNonNull(last);
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0.1", 8080)
                .build();
    }
}
