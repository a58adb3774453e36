// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.RouteFacts;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Routes are swapped as fast as it goes under callers: no call is lost, none goes astray, and nothing known is forgotten. */
class RoutesSwapTest {
    private static final int CALLERS = 3;
    private static final int SWAPS = 600;

    private final FakeRegistry registry = new FakeRegistry(Environment.system());
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong calls = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    @Test
    @Timeout(120)
    void noCallIsLostAndNothingKnownIsForgotten() throws InterruptedException {
        registry.lists(List.of(
                of("c1", "v2"), of("c2", "v2"), of("s1", "v1"), of("s2", "v1"), of("s3", "v1"), of("s4", "v1")));
        List<Routes> turns = List.of(split(10), split(50), onlyStable(), Routes.off());
        try (Fairlead fairlead = Fairlead.builder(registry)
                .forService("orders", o -> o.withRoutes(turns.get(0)))
                .build()) {
            fairlead.awaitReady(Duration.ofSeconds(5), "orders");
            long failed = eject(fairlead, "s4");
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                int caller = i;
                callers.add(new Thread(() -> call(fairlead, caller), "caller-" + i));
            }
            callers.forEach(Thread::start);
            for (int swap = 1; swap <= SWAPS; swap++) {
                Routes next = turns.get(swap % turns.size());
                fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(next)));
            }
            over.set(true);
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(wrong).isEmpty();
            ServiceStatus status = fairlead.status("orders");
            assertThat(status.instances())
                    .allSatisfy(view ->
                            assertThat(view.inFlight()).as(view.instance().id()).isZero());
            assertThat(status.instances().stream()
                            .mapToLong(ServiceStatus.InstanceView::started)
                            .sum())
                    .isGreaterThanOrEqualTo(calls.get());
            assertThat(view(status, "s4").failures()).isEqualTo(failed);
        }
    }

    private void call(Fairlead fairlead, int caller) {
        for (int call = 0; !over.get(); call++) {
            PickContext context = PickContext.hashedBy("user-" + (caller * 31 + call) % 97);
            try {
                String id = fairlead.call(CallSpec.of("orders").with(context), attempt -> {
                    check(attempt);
                    return attempt.instance().id();
                });
                assertThat(id).isNotNull();
                calls.incrementAndGet();
            } catch (Exception | AssertionError failed) {
                wrong.add(String.valueOf(failed));
            }
        }
    }

    /** Its subset is where the instance belongs, and one that its table knows. */
    private void check(Attempt attempt) {
        RouteFacts route = attempt.route();
        if (route == null) {
            return;
        }
        String version = attempt.instance().version();
        if (!route.used().equals("v2".equals(version) ? "canary" : "stable")) {
            wrong.add(route + " on " + version);
        }
        if (route.rule().equals("only-stable") && !route.used().equals("stable")) {
            wrong.add(route.toString());
        }
    }

    private static Routes.Builder subsets() {
        return Routes.builder().subset("canary", Subset.ofVersion("v2")).subset("stable", Subset.ofVersion("v1"));
    }

    private static Routes split(int percent) {
        return subsets()
                .otherwise(Rule.otherwise()
                        .to("canary", percent)
                        .to("stable", 100 - percent)
                        .by(StickyKey.hashKey())
                        .fallback("stable")
                        .build())
                .build();
    }

    private static Routes onlyStable() {
        return subsets()
                .rule(Rule.named("only-stable").to("stable").build())
                .otherwise(Rule.otherwise().to("canary").build())
                .build();
    }

    /** How many attempts that took. */
    private static long eject(Fairlead fairlead, String id) {
        PickContext only = PickContext.none();
        for (ServiceStatus.InstanceView view : fairlead.status("orders").instances()) {
            only = view.instance().id().equals(id) ? only : only.excluding(view.instance());
        }
        for (int i = 0; i < 200 && health(fairlead.status("orders"), id); i++) {
            Attempt attempt = fairlead.acquire("orders", only);
            attempt.complete(Outcome.FAILURE);
            attempt.close();
        }
        assertThat(health(fairlead.status("orders"), id)).isFalse();
        return view(fairlead.status("orders"), id).failures();
    }

    private static boolean health(ServiceStatus status, String id) {
        return view(status, id).health().state().isServing();
    }

    private static ServiceStatus.InstanceView view(ServiceStatus status, String id) {
        return status.instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static ServiceInstance of(String id, String version) {
        return FakeRegistry.instance(id).toBuilder().version(version).build();
    }
}
