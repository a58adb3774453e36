// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.LatencyMemory;
import io.fairlead.spi.Picker;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.spi.WeightUse;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Options that a user's code refuses for one service by throwing are in force for none. */
class WholeReconfigureTest {
    private static final List<String> SERVICES = List.of("billing", "orders", "search");

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private Runnable onAttempt = () -> {};
    private final EventListener listener = new EventListener() {
        @Override
        public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
            onAttempt.run();
        }

        @Override
        public void onCallbackFailed(String where, Throwable failure) {
            events.onCallbackFailed(where, failure);
        }
    };
    private final MemoryRegistry registry = MemoryRegistry.of(SERVICES.stream()
            .flatMap(service -> IntStream.range(0, 3).mapToObj(i -> instance(service, i)))
            .toList());
    private final Fairlead fairlead = Fairlead.builder(registry)
            .environment(time.environment(1, listener))
            .options(FairleadOptions.defaults()
                    .forEveryService(o -> o.withPolicy(new First("before"))
                            .withGuard(new Named("before"))
                            .withServiceGuard(new NamedOfService("before"))
                            .withRateLimit(RateLimit.of(1, 10))))
            .build();

    @AfterEach
    void close() {
        fairlead.close();
        registry.close();
    }

    @Test
    void aPolicyThatThrowsForOneServiceChangesNone() {
        ready();
        Throwable refused = refused(o -> o.withPolicy(new Failing("orders")).withRateLimit(RateLimit.off()));
        assertThat(refused)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("policy")
                .hasMessageContaining("'orders'")
                .hasCauseInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aGuardOfAServiceThatCanNotBeMadeChangesNone() {
        ready();
        assertThat(refused(o -> o.withServiceGuard(new NamedOfService("orders")).withPolicy("random")))
                .hasMessageContaining("serviceGuard")
                .hasMessageContaining("'orders'")
                .hasCauseInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aGuardThatCanNotBeAdoptedChangesNoOther() {
        ready();
        assertThat(refused(o -> o.withGuard(new Named("orders1")).withPolicy("random")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("guard")
                .hasMessageContaining("'orders'")
                .hasCauseInstanceOf(UnsupportedOperationException.class);
        assertThat(refused(o -> o.withGuard(new Named("none"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("guard")
                .hasCauseInstanceOf(UnsupportedOperationException.class);
    }

    /** What a policy is asked, one method each. */
    enum Asked {
        NEW_PICKER,
        NO_PICKER,
        LATENCY_MEMORY,
        NEEDS_SERVICE_IN_FLIGHT,
        IS_KEYED,
        WEIGHT_USE,
        EQUALS,
        AN_ERROR
    }

    @ParameterizedTest
    @EnumSource
    void whateverAPolicyThrowsInNothingChanges(Asked asked) {
        ready();
        assertThat(refused(o -> o.withDynamicWeights(DynamicWeights.defaults()).withPolicy(new Bad(asked))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing has changed")
                .hasCauseInstanceOf(Throwable.class);
    }

    @Test
    void ofSeveralServicesThatRefuseTheFirstIsTheCauseAndTheOthersAreSuppressed() {
        ready();
        Throwable refused = refused(o -> o.withPolicy(new Failing("")));
        assertThat(refused).hasMessageContaining("'billing'");
        assertThat(refused.getSuppressed())
                .hasSize(2)
                .allSatisfy(other -> assertThat(other).hasCauseInstanceOf(UnsupportedOperationException.class));
        assertThat(refused.getSuppressed()[1]).hasMessageContaining("'search'");
    }

    @Test
    void withinAPolicyOrGuardThatIsAskedItIsRefusedAtOnceAndInAListenerItIsNot() {
        ready();
        List<Throwable> seen = new ArrayList<>();
        Runnable again = () -> seen.add(catchThrowable(() -> limit(20)));
        fairlead.reconfigure(fairlead.options().forEveryService(o -> o.withPolicy(new Calling(again))));
        assertThat(seen)
                .hasSize(3)
                .allSatisfy(thrown -> assertThat(thrown)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("nothing has changed"));
        assertThat(fairlead.options().forEveryService().rateLimit().burst()).isEqualTo(10);
        seen.clear();
        onAttempt = again;
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            attempt.complete(Outcome.SUCCESS);
        }
        assertThat(seen).containsExactly((Throwable) null);
        assertThat(fairlead.options().forEveryService().rateLimit().burst()).isEqualTo(20);
    }

    @Test
    void ofTwoAtOnceTheLaterOneWaitsForTheOtherAndIsInForceAfterIt() throws Exception {
        ready();
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FairleadOptions options = fairlead.options();
        CompletableFuture<Void> first = CompletableFuture.runAsync(() ->
                fairlead.reconfigure(options.forEveryService(o -> o.withPolicy(new Calling(() -> {
                    began.countDown();
                    await(goOn);
                })))));
        began.await();
        CompletableFuture<Void> second = CompletableFuture.runAsync(
                () -> fairlead.reconfigure(options.forEveryService(o -> o.withPolicy("random"))));
        // Calls and what people ask do not wait for a policy that hangs.
        for (String service : SERVICES) {
            fairlead.acquire(service, PickContext.none()).close();
        }
        assertThat(fairlead.options()).isSameAs(options);
        assertThat(fairlead.status("orders").policy()).isEqualTo("before");
        goOn.countDown();
        first.get(10, TimeUnit.SECONDS);
        second.get(10, TimeUnit.SECONDS);
        for (String service : SERVICES) {
            assertThat(fairlead.status(service).policy()).isIn("random", "calling");
        }
        assertThat(statuses().values().stream().map(ServiceStatus::policy).distinct())
                .containsExactly(fairlead.options().forEveryService().policy().name());
    }

    @Test
    void aServiceThatAppearsWhileOptionsAreBuiltIsUnderTheNewOnesAfterwards() {
        fairlead.acquire("orders", PickContext.none()).close();
        AtomicBoolean first = new AtomicBoolean(true);
        fairlead.reconfigure(fairlead.options()
                .forEveryService(o -> o.withRateLimit(RateLimit.off())
                        .withGuard(new Named("after"))
                        .withPolicy(new Calling(() -> {
                            if (first.getAndSet(false)) {
                                fairlead.acquire("billing", PickContext.none()).close();
                                assertThat(fairlead.status("billing").policy()).isEqualTo("before");
                            }
                        }))));
        ServiceStatus billing = fairlead.status("billing");
        assertThat(billing.policy()).isEqualTo("calling");
        assertThat(billing.stages().rateTokens()).isInfinite();
        assertThat(billing.instances())
                .hasSize(3)
                .allMatch(view -> view.guardReason().equals("after"));
    }

    @Test
    void aServiceThatAppearsAndCanNotTakeUpTheNewOptionsIsMadeAnewUnderThem() {
        fairlead.acquire("orders", PickContext.none()).close();
        AtomicBoolean first = new AtomicBoolean(true);
        fairlead.reconfigure(fairlead.options()
                .forEveryService(o -> o.withServiceGuard(new NamedOfService("billing"))
                        .withPolicy(new Calling(() -> {
                            if (first.getAndSet(false)) {
                                fairlead.acquire("billing", PickContext.none()).close();
                            }
                        }))));
        assertThat(fairlead.status("orders").policy()).isEqualTo("calling");
        assertThat(fairlead.status("billing")).isNull();
        assertThat(catchThrowable(() -> fairlead.acquire("billing", PickContext.none())))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aPolicyThatThrowsForWhatHappenedSinceItsPickersWereMadeIsToldAndInForce() {
        try (Fairlead guarded = Fairlead.builder(registry)
                .policy(new First("before"))
                .environment(time.environment(1, listener))
                .build()) {
            guarded.acquire("orders", PickContext.none()).close();
            guarded.reconfigure(guarded.options()
                    .forEveryService(o -> o.withPolicy(new OnceOnly(() -> {
                        for (int i = 0; i < 5; i++) {
                            try (Attempt attempt = guarded.acquire("orders", PickContext.none())) {
                                attempt.complete(Outcome.UNREACHABLE);
                            }
                        }
                    }))));
            assertThat(events.events("callback")).singleElement().asString().contains("once");
            assertThat(guarded.status("orders").policy()).isEqualTo("once");
            guarded.acquire("orders", PickContext.none()).close();
        }
    }

    private void limit(int burst) {
        fairlead.reconfigure(fairlead.options().forEveryService(o -> o.withRateLimit(RateLimit.of(1, burst))));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private static ServiceInstance instance(String service, int number) {
        return ServiceInstance.builder(service)
                .id(service + number)
                .address("10.0.0." + number, 80)
                .build();
    }

    private void ready() {
        for (String service : SERVICES) {
            try (Attempt attempt = fairlead.acquire(service, PickContext.none())) {
                attempt.complete(Outcome.SUCCESS);
            }
        }
    }

    /** What reconfigure throws, after which everything is as it was. */
    private Throwable refused(UnaryOperator<ServiceOptions> change) {
        FairleadOptions options = fairlead.options();
        Map<String, ServiceStatus> before = statuses();
        int told = events.events().size();
        Throwable refused = catchThrowable(() -> fairlead.reconfigure(options.forEveryService(change)));
        assertThat(fairlead.options()).isSameAs(options);
        assertThat(statuses()).isEqualTo(before);
        assertThat(events.events()).hasSize(told);
        for (String service : SERVICES) {
            try (Attempt attempt = fairlead.acquire(service, PickContext.none())) {
                assertThat(attempt.instance().id()).isEqualTo(service + "0");
            }
        }
        return refused;
    }

    private Map<String, ServiceStatus> statuses() {
        Map<String, ServiceStatus> statuses = new TreeMap<>();
        SERVICES.forEach(service -> statuses.put(service, fairlead.status(service)));
        return statuses;
    }

    /** Picks the first that accepts. */
    private static class First implements BalancingPolicy {
        private final String name;

        First(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            return (context, nowNanos) -> candidates.stream()
                    .filter(candidate -> candidate.accepts(context, nowNanos))
                    .findFirst()
                    .orElse(null);
        }
    }

    /** Makes no picker for services whose name begins so. */
    private static final class Failing extends First {
        private final String start;

        Failing(String start) {
            super("failing");
            this.start = start;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            if (candidates.get(0).instance().service().startsWith(start)) {
                throw new UnsupportedOperationException("no picker");
            }
            return super.newPicker(candidates, previous, environment);
        }
    }

    /** Calls a user's code for each picker. */
    private static final class Calling extends First {
        private final Runnable code;

        Calling(Runnable code) {
            super("calling");
            this.code = code;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            code.run();
            return super.newPicker(candidates, previous, environment);
        }
    }

    /** Makes one picker, while something happens. */
    private static final class OnceOnly extends First {
        private final Runnable meanwhile;
        private boolean made;

        OnceOnly(Runnable meanwhile) {
            super("once");
            this.meanwhile = meanwhile;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            if (made) {
                throw new UnsupportedOperationException("once");
            }
            made = true;
            meanwhile.run();
            return super.newPicker(candidates, previous, environment);
        }
    }

    /** Throws in one of its methods. */
    private static final class Bad extends First {
        private final Asked asked;

        Bad(Asked asked) {
            super("bad");
            this.asked = asked;
        }

        private void ask(Asked now) {
            if (now == asked) {
                throw new UnsupportedOperationException(now.name());
            }
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            ask(Asked.NEW_PICKER);
            if (asked == Asked.AN_ERROR) {
                throw new AssertionError("broken");
            }
            return asked == Asked.NO_PICKER ? null : super.newPicker(candidates, previous, environment);
        }

        @Override
        public LatencyMemory latencyMemory() {
            ask(Asked.LATENCY_MEMORY);
            return super.latencyMemory();
        }

        @Override
        public boolean needsServiceInFlight() {
            ask(Asked.NEEDS_SERVICE_IN_FLIGHT);
            return super.needsServiceInFlight();
        }

        @Override
        public boolean isKeyed() {
            ask(Asked.IS_KEYED);
            return super.isKeyed();
        }

        @Override
        public WeightUse weightUse() {
            ask(Asked.WEIGHT_USE);
            return super.weightUse();
        }

        @Override
        public boolean equals(Object other) {
            ask(Asked.EQUALS);
            return this == other;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    /** Guards that say whose options they are under; of the instances named so it takes none. */
    private record Named(String name) implements InstanceGuard.Factory {
        @Override
        public InstanceGuard newGuard(ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment shared) {
            return new NamedGuard(instance.id(), name);
        }

        @Override
        public boolean adoptsGuardsOf(InstanceGuard.Factory other) {
            if (name.equals("none")) {
                throw new UnsupportedOperationException("none");
            }
            return other instanceof Named;
        }

        @Override
        public Runnable adoption(InstanceGuard guard) {
            NamedGuard mine = (NamedGuard) guard;
            if (mine.id.equals(name)) {
                throw new UnsupportedOperationException(name);
            }
            return () -> mine.name = name;
        }
    }

    private static final class NamedGuard implements InstanceGuard {
        private final String id;
        private volatile String name;

        NamedGuard(String id, String name) {
            this.id = id;
            this.name = name;
        }

        @Override
        public Object tryAcquire(long nowNanos) {
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

        @Override
        public boolean isAvailable(long nowNanos) {
            return true;
        }

        @Override
        public Description describe(long nowNanos) {
            return new Description(GuardState.CLOSED, name, 0);
        }
    }

    /** Guards of services that say who made them; of the service named so it makes none. */
    private record NamedOfService(String name) implements ServiceGuard.Factory {
        @Override
        public ServiceGuard newGuard(String service, boolean rejects, Environment shared) {
            if (service.equals(name)) {
                throw new UnsupportedOperationException(name);
            }
            return new ServiceGuard() {
                @Override
                public Object tryAcquire(long nowNanos) {
                    return this;
                }

                @Override
                public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

                @Override
                public InstanceGuard.Description describe(long nowNanos) {
                    return new InstanceGuard.Description(GuardState.METRICS_ONLY, name, 0);
                }
            };
        }
    }
}
