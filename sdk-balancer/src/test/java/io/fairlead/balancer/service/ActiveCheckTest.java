// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.FairleadOptions;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.SlowStart;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.HealthProbe;
import io.fairlead.spi.kit.LimitedTasks;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The balancer's own checks, in virtual time: when they are made, what they decide, and that they end. */
class ActiveCheckTest {
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final VirtualTime time = new VirtualTime();
    private final Set<String> ill = new HashSet<>();
    private final List<String> made = new ArrayList<>();
    private final List<Long> madeAt = new ArrayList<>();
    private final EjectionQuota quota = new EjectionQuota();
    private final HealthCheck check =
            HealthCheck.http("/health").every(EVERY).failuresBeforeCritical(3).successesBeforePassing(2);
    private final ActiveChecks checks = new ActiveChecks(check, new Recorded(), shared(16));

    @Test
    void threeFailuresTakeAnInstanceOutAndTwoSuccessesLetItBeProbed() {
        List<InstanceState> four = states(4);
        checks.follow(four);
        time.advance(EVERY);
        ill.add("i1");
        time.advance(Duration.ofSeconds(19));
        assertThat(four.get(1).gate().isEjected()).isFalse();
        time.advance(Duration.ofSeconds(14));
        InstanceHealth health = four.get(1).condition().now(time.nanos());
        assertThat(health.describe())
                .isEqualTo("CHECK_FAILED by active check (3 checks in a row failed: answered 503)");
        time.advance(Duration.ofSeconds(60));
        assertThat(four.get(1).isProbeDue(PickContext.none(), time.nanos())).isFalse();
        ill.clear();
        time.advance(Duration.ofSeconds(22));
        assertThat(four.get(1).condition().now(time.nanos()).state()).isEqualTo(State.EJECTED);
        assertThat(four.get(1).isProbeDue(PickContext.none(), time.nanos())).isTrue();
    }

    @Test
    void whenAllFailTheCapHoldsAndTheOthersServe() {
        List<InstanceState> ten = states(10);
        IntStream.range(0, 10).forEach(i -> ill.add("i" + i));
        checks.follow(ten);
        time.advance(Duration.ofSeconds(60));
        assertThat(ten.stream().filter(state -> state.gate().isEjected())).hasSize(3);
        assertThat(ten)
                .extracting(state -> state.condition().now(time.nanos()).state())
                .containsOnly(State.CHECK_FAILED, State.DEGRADED);
    }

    @Test
    void aFailureTheCapRefusedIsVotedAgainWhenThereIsRoom() {
        List<InstanceState> four = states(4);
        ill.addAll(List.of("i0", "i1"));
        checks.follow(four);
        time.advance(Duration.ofSeconds(45));
        InstanceState out = four.get(four.get(0).gate().isEjected() ? 0 : 1);
        InstanceState kept = four.get(four.get(0).gate().isEjected() ? 1 : 0);
        out.retire();
        kept.condition().review(time.nanos());
        assertThat(kept.condition().now(time.nanos()).state()).isEqualTo(State.CHECK_FAILED);
    }

    @Test
    void checksSpreadOverTheInterval() {
        checks.follow(states(100));
        time.advance(EVERY);
        assertThat(new HashSet<>(made)).hasSize(100);
        long[] perSecond = new long[10];
        madeAt.forEach(at -> perSecond[(int) Math.min(9, (at - 1_000_000_000L) / 1_000_000_000L)]++);
        for (long checksOfSecond : perSecond) {
            assertThat(checksOfSecond).isBetween(2L, 25L);
        }
    }

    @Test
    void checksEndWithTheInstanceAndWithTheList() {
        List<InstanceState> three = states(3);
        checks.follow(three);
        time.advance(EVERY);
        checks.follow(three.subList(0, 1));
        made.clear();
        time.advance(Duration.ofSeconds(60));
        assertThat(made).containsOnly("i0").hasSizeBetween(5, 7);
        checks.close();
        checks.follow(three);
        made.clear();
        time.advance(Duration.ofSeconds(60));
        assertThat(made).isEmpty();
        assertThat(time.pendingTasks()).isZero();
    }

    /** First the start is refused, then each check throws for a minute. */
    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.AnyThrowable#kinds")
    void checksGoOnWhateverAStartOrACheckThrows(Throwable kind) {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger refusals = new AtomicInteger(1);
        boolean[] isBroken = {true};
        HealthProbe shaky = (instance, address, wanted) -> {
            asked.incrementAndGet();
            if (isBroken[0]) {
                throw AnyThrowable.sneak(kind);
            }
            return InstanceStatus.PASSING;
        };
        Environment whole = time.environment();
        ScheduledExecutorService full = (ScheduledExecutorService) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ScheduledExecutorService.class},
                (proxy, method, values) -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw kind instanceof Exception && !(kind instanceof RuntimeException)
                                ? new RejectedExecutionException(kind)
                                : kind;
                    }
                    return method.invoke(time, values);
                });
        ActiveChecks broken = new ActiveChecks(
                check,
                shaky,
                new ActiveChecks.Shared(
                        AddressPolicy.defaults(),
                        new LimitedTasks(Runnable::run, 1, ActiveCheckTest::unexpected),
                        new Environment(time, full, Runnable::run, whole.random(), whole.listener())));
        List<InstanceState> one = states(1);
        assertThatThrownBy(() -> broken.follow(one)).isNotNull();
        broken.follow(one);
        time.advance(Duration.ofSeconds(60));
        assertThat(asked.get()).as("checks that threw").isGreaterThan(3);
        isBroken[0] = false;
        asked.set(0);
        time.advance(Duration.ofSeconds(60));
        assertThat(asked.get()).isBetween(5, 7);
        assertThat(one.get(0).condition().failedCheck()).isNull();
        broken.close();
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void aDrainingInstanceIsNotChecked() {
        List<InstanceState> one = states(1);
        one.get(0).update(one.get(0).instance().withStatus(InstanceStatus.DRAINING));
        checks.follow(one);
        time.advance(Duration.ofSeconds(60));
        assertThat(made).isEmpty();
    }

    @Test
    void anAddressThatMayNotBeCalledIsNotCheckedEither() {
        ServiceInstance local = ServiceInstance.builder("orders")
                .id("local")
                .address("127.0.0.1", 8080)
                .build();
        InstanceState state = state(local);
        checks.follow(List.of(state));
        time.advance(Duration.ofSeconds(60));
        assertThat(made).isEmpty();
        assertThat(state.condition().failedCheck()).contains("127.0.0.1: loopback address");
    }

    @Test
    void nothingIsCheckedUnlessAsked() {
        assertThat(HealthPolicy.defaults().hasCheck()).isFalse();
        FairleadOptions one = FairleadOptions.defaults()
                .forService("Orders", o -> o.withHealth(o.health().withCheck(HealthCheck.tcp())));
        assertThat(one.forService("orders").health().hasCheck()).isTrue();
        assertThat(one.forService("billing").health().hasCheck()).isFalse();
        FairleadOptions every = one.forEveryService(o -> o.withHealth(o.health().withCheck(HealthCheck.grpc(""))));
        assertThat(every.forService("orders").health().check().kind()).isEqualTo(HealthCheck.Kind.TCP);
        assertThat(every.forService("billing").health().check().kind()).isEqualTo(HealthCheck.Kind.GRPC);
        assertThatThrownBy(() -> HealthPolicy.defaults().withCheck(HealthCheck.ttl()))
                .hasMessage("health.check: TTL (expected: HTTP, TCP, GRPC or NONE)");
    }

    @Test
    void noMoreRunAtOnceThanTheBound() {
        List<Runnable> threads = new ArrayList<>();
        LimitedTasks bounded = new LimitedTasks(threads::add, 2, ActiveCheckTest::unexpected);
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < 5; i++) {
            bounded.execute(done::incrementAndGet);
        }
        assertThat(threads).hasSize(2);
        List.copyOf(threads).forEach(Runnable::run);
        assertThat(done.get()).isEqualTo(5);
        bounded.execute(done::incrementAndGet);
        assertThat(threads).hasSize(3);
    }

    private ActiveChecks.Shared shared(int atOnce) {
        return new ActiveChecks.Shared(
                AddressPolicy.defaults(),
                new LimitedTasks(Runnable::run, atOnce, ActiveCheckTest::unexpected),
                time.environment());
    }

    private List<InstanceState> states(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> state(ServiceInstance.builder("orders")
                        .id("i" + i)
                        .address("10.0.0." + (i + 1), 8080)
                        .build()))
                .toList();
    }

    private InstanceState state(ServiceInstance instance) {
        quota.setInstances(Integer.parseInt("0" + instance.id().replaceAll("\\D", "")) + 1);
        InstanceState state = new InstanceState(
                instance, new Seats().shared(ConsecutiveFailureGuard::new, quota, time.environment()));
        state.condition().refresh(time.nanos());
        return state;
    }

    private final class Recorded implements HealthProbe {
        @Override
        public InstanceStatus check(ServiceInstance instance, InetAddress address, HealthCheck asked)
                throws IOException {
            made.add(instance.id());
            madeAt.add(time.nanos());
            if (ill.contains(instance.id())) {
                throw new IOException("answered 503");
            }
            return InstanceStatus.PASSING;
        }
    }

    private final class Seats extends Deaf {
        @Override
        public void onEjectionChanged(InstanceState state, boolean ejected) {
            if (ejected) {
                state.ejected(time.nanos());
            } else {
                state.restored(time.nanos(), SlowStart.off());
            }
        }

        @Override
        public void onEjectionDenied(InstanceState state, String reason) {
            state.condition().denied(reason, time.nanos());
        }
    }

    private static void unexpected(Throwable failure) {
        throw new AssertionError(failure);
    }
}
