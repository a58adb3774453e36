// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.route.TextMatch;
import io.fairlead.spi.RequestFacts;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Routes where they meet limits, {@code Retry-After}, ejection and one another. */
class RoutesAtTheEdgesTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    /** A request of a tester. */
    private record Request(String user) implements RequestFacts {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public @Nullable String header(String name) {
            return name.equals("X-User") ? user : null;
        }
    }

    private static final PickContext TESTER = PickContext.of(new Request("tester"), null);
    private static final PickContext ANYBODY = PickContext.of(new Request(""), null);

    @Test
    void anExplanationNamesWhoAnswersWhenNobodyOfTheAssignedSubsetDoes() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule.fallback("stable"))));
        lists(canary("c1"), stable("s1"));
        lists(canary("c1").withStatus(InstanceStatus.CRITICAL), stable("s1"));
        assertThat(picked(fairlead, TESTER)).isEqualTo("s1");
        Explanation explanation = fairlead.explain("orders", TESTER);
        assertThat(explanation.eligible())
                .extracting(line -> line.view().instance().id())
                .containsExactly("s1");
        assertThat(explanation.routes()).last().isEqualTo("nobody is usable in 'canary'");
        assertThat(explanation.instances().get(0).reason()).isEqualTo("critical in the registry");
    }

    @Test
    void aDryRunSaysHowManyCallsNobodyWouldAnswer() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule)));
        lists(stable("s1"));
        DryRun run = fairlead.dryRun("orders", call -> call % 4 == 0 ? TESTER : ANYBODY, 100);
        assertThat(run.toString()).contains("75.0 %").endsWith("nobody  25.0 %");
    }

    @Test
    void aPinnedCallWaitsForWhoAskedItTo() {
        Fairlead fairlead = fairlead(
                o -> o.withRoutes(routes(rule -> rule.fallback("stable").retryInSame())));
        lists(canary("c1"), stable("s1"));
        List<String> tried = new ArrayList<>();
        CompletableFuture<Integer> call = fairlead.callAsync(
                        CallSpec.of("orders").with(TESTER), new Busy(tried))
                .toCompletableFuture();
        time.advance(Duration.ofMillis(2_999));
        assertThat(call).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThat(call).isCompletedWithValue(200);
        assertThat(tried).containsExactly("c1", "c1");
    }

    @Test
    void whoeverOfTheChainIsFullIsNotSaidToBeNobody() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule.fallback("stable")))
                .withConcurrencyLimits(ConcurrencyLimits.fixed(1)));
        lists(stable("s1"));
        try (Attempt open = fairlead.acquire("orders", TESTER)) {
            assertThat(open.instance().id()).isEqualTo("s1");
            assertThatThrownBy(() -> fairlead.acquire("orders", TESTER)).isInstanceOf(CallRejectedException.class);
        }
    }

    @Test
    void whoMayBeOutWholeTakesNobodysLastWhereSubsetsOverlap() {
        Routes routes = Routes.builder()
                .subset("near", Subset.ofTags("canary"))
                .subset("all", Subset.ofVersion("v1"))
                .rule(testers().to("near").fallback("all").build())
                .otherwise(Rule.otherwise().to("all").build())
                .build();
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes));
        lists(both("a"), both("b"), both("c"));
        for (int i = 0; i < 200; i++) {
            Attempt attempt = fairlead.acquire("orders", ANYBODY);
            end(attempt, Outcome.FAILURE);
        }
        assertThat(fairlead.status("orders").instances())
                .filteredOn(view -> !view.health().state().isServing())
                .hasSize(1);
    }

    @Test
    void whoIsEjectedWhereOnlyFallbacksGoIsProbedByThem() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule.fallback("stable"))));
        lists(stable("s1"), stable("s2"), stable("s3"), stable("s4"));
        for (int i = 0; i < 60; i++) {
            Attempt attempt = fairlead.acquire("orders", TESTER);
            end(attempt, attempt.instance().id().equals("s1") ? Outcome.FAILURE : Outcome.SUCCESS);
        }
        assertThat(fairlead.status("orders").instances().get(0).health().state().isServing())
                .isFalse();
        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofSeconds(1));
            String unused = picked(fairlead, TESTER);
        }
        assertThat(fairlead.status("orders").instances().get(0).health().state().isServing())
                .isTrue();
    }

    @Test
    void routesThatBeginOrEndForgiveNobodyWhoIsOut() {
        for (boolean begins : new boolean[] {true, false}) {
            Routes routes = routes(rule -> rule);
            Fairlead fairlead = fairlead(o -> begins ? o : o.withRoutes(routes));
            lists(stable("s1"), stable("s2"), stable("s3"), stable("s4"));
            for (int i = 0; i < 60; i++) {
                Attempt attempt = fairlead.acquire("orders", ANYBODY);
                end(attempt, attempt.instance().id().equals("s1") ? Outcome.FAILURE : Outcome.SUCCESS);
            }
            ServiceStatus.InstanceView out =
                    fairlead.status("orders").instances().get(0);
            assertThat(out.health().state().isServing()).isFalse();
            fairlead.reconfigure(
                    fairlead.options().forService("orders", o -> o.withRoutes(begins ? routes : Routes.off())));
            ServiceStatus.InstanceView now =
                    fairlead.status("orders").instances().get(0);
            assertThat(now.health().state().isServing()).isFalse();
            assertThat(now.successRatio()).isCloseTo(out.successRatio(), within(1e-6));
            fairlead.close();
        }
    }

    @Test
    void theFirstListIsNotAwaitedForLongerThanTheCallMayTake() {
        Routes routes = routes(rule -> rule.timeout(Duration.ofSeconds(2)));
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .forService("orders", o -> o.withRoutes(routes).withTimeout(Duration.ofSeconds(1)))
                .build();
        CompletableFuture<Integer> ruled = fairlead.callAsync(
                        CallSpec.of("orders").with(TESTER), new Busy(new ArrayList<>()))
                .toCompletableFuture();
        CompletableFuture<Integer> other = fairlead.callAsync(
                        CallSpec.of("orders").with(ANYBODY), new Busy(new ArrayList<>()))
                .toCompletableFuture();
        time.advance(Duration.ofSeconds(1));
        assertThat(other).isCompletedExceptionally();
        assertThat(ruled).isNotDone();
        time.advance(Duration.ofSeconds(1));
        assertThat(ruled).isCompletedExceptionally();
        assertThatThrownBy(ruled::join)
                .hasRootCauseInstanceOf(CallRejectedException.class)
                .hasMessageContaining("PT2S");
    }

    /** Says once that it wants to be asked in 3 s. */
    private record Busy(List<String> tried) implements AsyncTransport<Integer> {
        @Override
        public CompletableFuture<Integer> send(Attempt attempt) {
            tried.add(attempt.instance().id());
            return CompletableFuture.completedFuture(tried.size() == 1 ? 503 : 200);
        }

        @Override
        public Verdict judge(Integer status) {
            return Verdict.ofStatus(status, status == 503 ? Duration.ofSeconds(3) : null);
        }
    }

    private static Rule.Builder testers() {
        return Rule.named("testers").match(Match.header("X-User", TextMatch.exact("tester")));
    }

    private static Routes routes(UnaryOperator<Rule.Builder> change) {
        return Routes.builder()
                .subset("canary", Subset.ofTags("canary"))
                .subset("stable", Subset.ofVersion("v1"))
                .rule(change.apply(testers().to("canary")).build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    private Fairlead fairlead(UnaryOperator<ServiceOptions> own) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .policy("round_robin")
                .forService("orders", own)
                .build();
        registry.lists(List.of());
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    private void lists(ServiceInstance... instances) {
        registry.lists(List.of(instances));
    }

    private static ServiceInstance canary(String id) {
        return FakeRegistry.instance(id).toBuilder().tag("canary").build();
    }

    private static ServiceInstance stable(String id) {
        return FakeRegistry.instance(id).toBuilder().version("v1").build();
    }

    private static ServiceInstance both(String id) {
        return FakeRegistry.instance(id).toBuilder().version("v1").tag("canary").build();
    }

    private static String picked(Fairlead fairlead, PickContext context) {
        Attempt attempt = fairlead.acquire("orders", context);
        end(attempt, Outcome.SUCCESS);
        return attempt.instance().id();
    }

    private static void end(Attempt attempt, Outcome outcome) {
        attempt.complete(outcome);
        attempt.close();
    }
}
