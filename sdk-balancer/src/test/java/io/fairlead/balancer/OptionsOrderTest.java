// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.EventListener;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.ServiceOptions.ServiceGuardUse;
import io.fairlead.balancer.policy.LeastRequestPolicy;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said to the builder counts, whatever was said before or after it. */
class OptionsOrderTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    static Stream<BiConsumer<Runnable, Runnable>> orders() {
        return Stream.of(
                (one, other) -> {
                    one.run();
                    other.run();
                },
                (one, other) -> {
                    other.run();
                    one.run();
                });
    }

    @ParameterizedTest
    @MethodSource("orders")
    void theListenerOutlivesTheEnvironment(BiConsumer<Runnable, Runnable> order) {
        registry.lists("a");
        RecordingListener events = new RecordingListener();
        FairleadBuilder builder = Fairlead.builder(registry);
        order.accept(() -> builder.listener(events), () -> builder.environment(time.environment()));
        try (Fairlead fairlead = builder.build()) {
            fairlead.awaitReady(Duration.ofSeconds(1), "orders");
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Outcome.SUCCESS);
            }
            assertThat(events.events("attempt")).containsExactly("attempt a 1 SUCCESS");
        }
    }

    /** One value for the parameters of every setter; two setters of one option say the same. */
    private static final Map<Class<?>, Object> VALUES = Map.ofEntries(
            Map.entry(BalancingPolicy.class, FoundProviders.policy("random")),
            Map.entry(InstanceGuard.Factory.class, FoundProviders.guard()),
            Map.entry(Retries.class, Retries.defaults().withAttempts(5).withBudget(0.5, 5)),
            Map.entry(int.class, 5),
            Map.entry(double.class, 0.5),
            Map.entry(RateLimit.class, RateLimit.of(50, 10)),
            Map.entry(Throttle.class, Throttle.defaults()),
            Map.entry(ServiceGuard.Factory.class, (ServiceGuard.Factory) (service, rejects, environment) -> null),
            Map.entry(ServiceGuardUse.class, ServiceGuardUse.REJECTS),
            Map.entry(ConcurrencyLimits.class, ConcurrencyLimits.defaults()),
            Map.entry(Hedging.class, Hedging.defaults()),
            Map.entry(Duration.class, Duration.ofSeconds(5)),
            Map.entry(SlowStart.class, SlowStart.of(Duration.ofSeconds(5))),
            Map.entry(Caller.class, Caller.unknown().withZone("a")),
            Map.entry(
                    Routes.class,
                    Routes.builder()
                            .subset("v1", Subset.ofVersion("v1"))
                            .otherwise(Rule.otherwise().to("v1").build())
                            .build()),
            Map.entry(ZonePreference.class, ZonePreference.own("a")),
            Map.entry(Subsetting.class, Subsetting.off()),
            Map.entry(DynamicWeights.class, DynamicWeights.defaults()),
            Map.entry(HealthPolicy.class, HealthPolicy.off()),
            Map.entry(OutagePolicy.class, OutagePolicy.off()),
            Map.entry(AddressPolicy.class, AddressPolicy.defaults().allowLoopback()),
            Map.entry(Path.class, Path.of("lists")),
            Map.entry(Predicate.class, (Predicate<String>) host -> true),
            Map.entry(UnaryOperator.class, (UnaryOperator<ServiceOptions>)
                    o -> o.withHedging(o.hedging().withMaxExtraLoad(1))
                            .withRetries(o.retries().withQuota(10, 1))),
            Map.entry(
                    FairleadOptions.class,
                    FairleadOptions.defaults().forService("billing", o -> o.withPolicy("random"))),
            Map.entry(EventListener.class, new RecordingListener()),
            Map.entry(Environment.class, Environment.system()));

    static Stream<Method> setters() {
        return Stream.of(FairleadBuilder.class.getMethods())
                .filter(method -> method.getReturnType() == FairleadBuilder.class);
    }

    @ParameterizedTest
    @MethodSource("setters")
    void everyPairOfSettersSaysTheSameInEitherOrder(Method one) throws ReflectiveOperationException {
        for (Method other : setters().toList()) {
            FairleadBuilder forth = Fairlead.builder(registry);
            FairleadBuilder back = Fairlead.builder(registry);
            one.invoke(forth, values(one));
            other.invoke(forth, values(other));
            other.invoke(back, values(other));
            one.invoke(back, values(one));
            assertThat(forth.options()).as("%s, %s", one, other).isEqualTo(back.options());
        }
    }

    private static Object[] values(Method setter) {
        return Stream.of(setter.getParameterTypes())
                .map(type -> type == String.class
                        ? text(setter)
                        : Objects.requireNonNull(VALUES.get(type), setter::toString))
                .toArray();
    }

    private static String text(Method setter) {
        return switch (setter.getName()) {
            case "policy" -> "random";
            case "serviceSuffix" -> ".svc";
            default -> "orders";
        };
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(
                Arguments.of(
                        change(b -> b.attempts(5)),
                        change(b -> b.retries(Retries.defaults())),
                        "attempts(5)",
                        "retries(3 attempts,"),
                Arguments.of(
                        change(b -> b.retryBudget(0.5, 5)),
                        change(b -> b.retries(Retries.defaults())),
                        "retryBudget(0.5, 5)",
                        "retries(3 attempts,"),
                Arguments.of(
                        change(b -> b.policy("random")),
                        change(b -> b.policy(new LeastRequestPolicy())),
                        "policy(\"random\")",
                        "policy(least_request)"),
                Arguments.of(
                        change(b -> b.slowStart(Duration.ofSeconds(5))),
                        change(b -> b.slowStart(SlowStart.off())),
                        "slowStart(PT5S)",
                        "slowStart(off)"),
                Arguments.of(
                        change(b -> b.rejectByServiceGuard()),
                        change(b -> b.serviceGuardUse(ServiceGuardUse.OFF)),
                        "rejectByServiceGuard()",
                        "serviceGuardUse(OFF)"));
    }

    private static UnaryOperator<FairleadBuilder> change(UnaryOperator<FairleadBuilder> change) {
        return change;
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void twoSettersThatSayDifferentThingsOfOneOptionAreRefusedByName(
            UnaryOperator<FairleadBuilder> one, UnaryOperator<FairleadBuilder> other, String first, String second) {
        for (FairleadBuilder said : List.of(
                other.apply(one.apply(Fairlead.builder(registry))),
                one.apply(other.apply(Fairlead.builder(registry))))) {
            assertThatThrownBy(said::build)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(first, second, "(expected: one of the two");
        }
    }

    @Test
    void whatSettersSayGoesOverTheOptionsToStartFrom() {
        FairleadOptions base = FairleadOptions.defaults()
                .forEveryService(o -> o.withRetries(Retries.off()).withHedging(Hedging.defaults()));
        FairleadOptions made =
                Fairlead.builder(registry).attempts(5).options(base).options();
        assertThat(made.forEveryService().retries().attempts()).isEqualTo(5);
        assertThat(made.forEveryService().hedging()).isEqualTo(Hedging.defaults());
    }

    @Test
    void theLastCallOfOneSetterCounts() {
        FairleadOptions made = Fairlead.builder(registry)
                .attempts(5)
                .attempts(2)
                .forService("orders", o -> o.withRetries(Retries.off()))
                .forService("orders", o -> o.withRetries(o.retries().withAttempts(4)))
                .options();
        assertThat(made.forEveryService().retries().attempts()).isEqualTo(2);
        assertThat(made.forService("orders").retries().attempts()).isEqualTo(4);
    }

    @Test
    void aBalancerShowsTheOptionsInForce() {
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .forService("orders", o -> o.withPolicy("random"))
                .build()) {
            assertThat(fairlead.options())
                    .isEqualTo(FairleadOptions.defaults().forService("orders", o -> o.withPolicy("random")));
        }
    }
}
