// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registry;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.VirtualTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A user's part that throws for a while, whatever, has ended nothing: afterwards lists are followed and calls succeed. */
class AnyThrowableTest {
    private enum Part {
        EVENTS,
        GUARD_FACTORY,
        GUARD,
        SERVICE_GUARD_FACTORY,
        SERVICE_GUARD,
        POLICY,
        PICKER,
        STICKY_KEY,
        SERVICES,
        DRY_RUN,
        REGISTRY
    }

    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Map<Part, Integer> throwns = new EnumMap<>(Part.class);
    private @Nullable Part broken;
    private Throwable thrown = new AssertionError();

    static Stream<Arguments> partsAndKinds() {
        return Stream.of(Part.values()).flatMap(part -> AnyThrowable.kinds().map(kind -> Arguments.of(part, kind)));
    }

    @ParameterizedTest
    @MethodSource("partsAndKinds")
    void whatThrewEndedNothing(Part part, Throwable kind) throws Exception {
        thrown = kind;
        registry.lists("a", "b");
        BalancingPolicy policy = part == Part.STICKY_KEY ? sticky() : new AnyOfThem(this);
        try (Fairlead fairlead = Fairlead.builder(shaky(Registry.class, Part.REGISTRY, registry))
                .environment(time.environment(7, shaky(EventListener.class, Part.EVENTS, new EventListener() {})))
                .forService("orders", o -> o.withPolicy(policy))
                .firstListTimeout(Duration.ofMillis(1))
                .services(host -> {
                    at(Part.SERVICES);
                    return true;
                })
                .guard((instance, cap, environment) -> {
                    at(Part.GUARD_FACTORY);
                    return shaky(InstanceGuard.class, Part.GUARD, new SwitchGuard(instance, cap, environment));
                })
                .serviceGuard((service, rejects, environment) -> {
                    at(Part.SERVICE_GUARD_FACTORY);
                    return shaky(ServiceGuard.class, Part.SERVICE_GUARD, new Open());
                })
                .build()) {
            broken = part;
            useAll(fairlead);
            registry.lists("a", "b", "c");
            registry.interrupt();
            time.advance(Duration.ofSeconds(3));
            registry.lists("b", "c");
            useAll(fairlead);
            time.advance(Duration.ofSeconds(70));
            useAll(fairlead);
            assertThat(throwns.get(part)).as("times it threw").isPositive();
            broken = null;
            time.advance(Duration.ofSeconds(3));
            registry.lists("c", "d");
            time.advance(Duration.ofSeconds(3));
            assertThat(fairlead.call("orders", new Plain())).isIn("c", "d");
            assertThat(fairlead.status("orders").instances())
                    .hasSize(2)
                    .allSatisfy(view -> assertThat(view.inFlight()).isZero());
        }
    }

    /** Everything a caller may ask, however it ends. */
    private void useAll(Fairlead fairlead) {
        for (ThrowingRunnable use : new ThrowingRunnable[] {
            () -> fairlead.call("orders", new Plain()),
            () -> fairlead.isService("orders.example"),
            () -> fairlead.status("orders"),
            () -> fairlead.explain("orders"),
            () -> fairlead.dryRun(
                    "orders",
                    number -> {
                        at(Part.DRY_RUN);
                        return PickContext.none();
                    },
                    10)
        }) {
            try {
                use.run();
            } catch (Throwable toTheCaller) {
                // Who calls may hear of it.
            }
        }
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    private void at(Part part) {
        if (broken == part) {
            throwns.merge(part, 1, Integer::sum);
            throw AnyThrowable.sneak(thrown);
        }
    }

    private <T> T shaky(Class<T> type, Part part, T sound) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() != Object.class
                            && !method.getName().equals("description")) {
                        at(part);
                    }
                    try {
                        return method.invoke(sound, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                }));
    }

    private BalancingPolicy sticky() {
        StickyKey key = context -> {
            at(Part.STICKY_KEY);
            return "k";
        };
        return new RingHashPolicy().keyedBy(key);
    }

    private record AnyOfThem(AnyThrowableTest test) implements BalancingPolicy {
        @Override
        public String name() {
            return "any";
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
            test.at(Part.POLICY);
            return (context, nowNanos) -> {
                test.at(Part.PICKER);
                return candidates.isEmpty() ? null : candidates.get(0);
            };
        }
    }

    private static final class Plain implements Transport<String> {
        @Override
        public String send(Attempt attempt) {
            return attempt.instance().id();
        }
    }

    private static final class Open implements ServiceGuard {
        @Override
        public Object tryAcquire(long nowNanos) {
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            // counts nothing
        }

        @Override
        public InstanceGuard.Description describe(long nowNanos) {
            return new InstanceGuard.Description(GuardState.CLOSED, "", 0);
        }
    }
}
