// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.RouteFacts.Why;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.RequestFacts;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Promises of routing about hedges, probes, portions, limits and policies; each test is called what it shows. */
class RoutePromisesTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    /** A request below a path. */
    private record Request(String path) implements RequestFacts {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }
    }

    private static final PickContext CANARY = PickContext.of(new Request("/canary"), null);
    private static final PickContext OTHER = PickContext.of(new Request("/"), null);

    @Test
    void aHedgeStaysInTheSubsetOfTheSlowAttemptAlthoughThereIsAFallback() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule.fallback("stable")))
                .withHedging(Hedging.defaults().withDelay(Duration.ofMillis(50)).withMaxExtraLoad(1)));
        lists(canary("c1"), canary("c2"), stable("s1"), stable("s2"));
        List<Attempt> attempts = new ArrayList<>();
        CompletableFuture<String> call = hanging(fairlead, attempts);
        time.advance(Duration.ofMillis(60));
        assertThat(attempts).hasSize(2);
        assertThat(attempts.get(1).instance().id()).startsWith("c");
        assertThat(attempts.get(1).route().why()).isEqualTo(Why.HEDGE);
        assertThat(call.cancel(true)).isTrue();
    }

    @Test
    void noHedgeIsSentWhereTheSubsetHasNoSecondInstance() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule.fallback("stable")))
                .withHedging(Hedging.defaults().withDelay(Duration.ofMillis(50)).withMaxExtraLoad(1)));
        lists(canary("c1"), stable("s1"), stable("s2"));
        List<Attempt> attempts = new ArrayList<>();
        CompletableFuture<String> call = hanging(fairlead, attempts);
        time.advance(Duration.ofSeconds(1));
        assertThat(attempts).hasSize(1);
        assertThat(call.cancel(true)).isTrue();
    }

    @Test
    void anEjectedInstanceIsProbedOnlyByCallsOfItsSubsets() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule)));
        lists(canary("c1"), canary("c2"), canary("c3"), canary("c4"), stable("s1"), stable("s2"));
        for (int i = 0; i < 60; i++) {
            Attempt attempt = fairlead.acquire("orders", CANARY);
            end(attempt, attempt.instance().id().equals("c1") ? Outcome.FAILURE : Outcome.SUCCESS);
        }
        time.advance(Duration.ofMinutes(2));
        assertThat(picked(fairlead, OTHER, 100)).doesNotContain("c1");
        assertThat(picked(fairlead, CANARY, 100)).contains("c1");
    }

    @Test
    void theSubsetComesBeforeThePortionThatThisProcessCalls() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule))
                .withSubsetting(Subsetting.defaults().withSize(20, 16)));
        List<ServiceInstance> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(canary("c" + i));
        }
        for (int i = 0; i < 100; i++) {
            all.add(stable("s" + i));
        }
        registry.lists(all);
        assertThat(picked(fairlead, CANARY, 100)).containsExactlyInAnyOrder("c0", "c1", "c2");
        assertThat(picked(fairlead, OTHER, 1_000)).hasSize(16);
    }

    @Test
    void theTokensOfARuleAreKeptByASwapAndGivenBackByARejection() throws IOException {
        Routes slow = routes(rule -> rule.rateLimit(RateLimit.of(1e-3, 2)));
        Fairlead fairlead = fairlead(o -> o.withRoutes(slow));
        lists(canary("c1"), stable("s1"));
        assertThat(call(fairlead)).isEqualTo("c1");
        Routes other = routes(rule -> rule.rateLimit(RateLimit.of(1e-3, 2)).fallback("stable"));
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(other)));
        lists(stable("s1"));
        lists();
        assertThatThrownBy(() -> call(fairlead)).isInstanceOf(NoInstanceException.class);
        lists(canary("c1"), stable("s1"));
        assertThat(call(fairlead)).isEqualTo("c1");
        assertThatThrownBy(() -> call(fairlead)).isInstanceOf(CallRejectedException.class);
    }

    @Test
    void oneSubsetUnderTwoPoliciesHasPickersOfEach() {
        Routes routes = Routes.builder()
                .subset("canary", Subset.ofTags("canary"))
                .rule(Rule.named("sticky")
                        .match(Match.pathPrefix("/canary"))
                        .to("canary")
                        .policy(new RingHashPolicy().keyedBy(PickContext::path))
                        .build())
                .otherwise(Rule.otherwise().to("canary").build())
                .build();
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes));
        lists(canary("c1"), canary("c2"), canary("c3"));
        assertThat(picked(fairlead, CANARY, 60)).hasSize(1);
        assertThat(picked(fairlead, OTHER, 60)).hasSize(3);
    }

    @Test
    void anInstanceInNoSubsetGetsNoCallAndIsShown() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule)));
        lists(canary("c1"), stable("s1"), FakeRegistry.instance("nobody"));
        Set<String> all = new TreeSet<>(picked(fairlead, CANARY, 30));
        all.addAll(picked(fairlead, OTHER, 30));
        assertThat(all).containsExactly("c1", "s1");
        assertThat(fairlead.status("orders").instances()).hasSize(3);
    }

    @Test
    void theMeanInFlightOfASubsetIsThatOfItsOwnCalls() {
        UnaryOperator<Rule.Builder> sticky = rule ->
                rule.policy(new RingHashPolicy().keyedBy(PickContext::path).withLoadFactor(1.25));
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(sticky)));
        lists(canary("c1"), canary("c2"), stable("s1"), stable("s2"));
        List<Attempt> others = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            others.add(fairlead.acquire("orders", OTHER));
        }
        List<Attempt> own = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            own.add(fairlead.acquire("orders", CANARY));
        }
        // By the mean of the whole service one of them would take all ten.
        assertThat(own.stream().map(attempt -> attempt.instance().id()).distinct())
                .hasSize(2);
        others.forEach(Attempt::close);
        own.forEach(Attempt::close);
    }

    @Test
    void theLimitOfTheServiceComesBeforeThatOfTheRuleWhichKeepsItsToken() {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule.rateLimit(RateLimit.of(1e-3, 5))))
                .withRateLimit(RateLimit.of(1e-3, 2)));
        lists(canary("c1"), stable("s1"));
        for (int i = 0; i < 2; i++) {
            assertThatCode(() -> call(fairlead)).doesNotThrowAnyException();
        }
        for (int i = 0; i < 9; i++) {
            assertThatThrownBy(() -> call(fairlead))
                    .isInstanceOf(CallRejectedException.class)
                    .hasMessageContaining("more calls than allowed")
                    .hasMessageNotContaining("rule");
        }
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRateLimit(RateLimit.off())));
        for (int i = 0; i < 3; i++) {
            assertThatCode(() -> call(fairlead)).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> call(fairlead)).hasMessageContaining("more calls than rule 'canary' allows");
    }

    @Test
    void theRetryBudgetIsOneForAllRulesOfAService() {
        long ofOneRule = retries(List.of(CANARY, CANARY));
        assertThat(ofOneRule).isBetween(1L, 50L);
        assertThat(retries(List.of(CANARY, OTHER))).isEqualTo(ofOneRule);
    }

    /** How often a hundred calls that all fail are tried again. */
    private long retries(List<PickContext> contexts) {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes(rule -> rule))
                .withRetries(Retries.defaults().withBudget(0, 2)));
        lists(canary("c1"), canary("c2"), stable("s1"), stable("s2"));
        for (int i = 0; i < 100; i++) {
            CallSpec spec = CallSpec.of("orders").with(contexts.get(i % 2));
            assertThatThrownBy(() -> fairlead.call(spec, attempt -> {
                        throw new IOException("reset");
                    }))
                    .hasMessage("reset");
        }
        Map<Outcome, Long> again = fairlead.statistics("orders").attempts().get(AttemptEvent.Kind.RETRY);
        return again.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void thoseOfASubsetAreComparedWithEachOtherOnly() {
        assertThat(worseThanPeers(Routes.off())).isPositive();
        assertThat(worseThanPeers(routes(rule -> rule))).isZero();
    }

    /** How many instances are taken out for being worse than their peers, while every canary fails two calls in five. */
    private long worseThanPeers(Routes routes) {
        Fairlead fairlead = fairlead(o -> o.withRoutes(routes).withPolicy("random"));
        List<ServiceInstance> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(i < 3 ? canary("c" + i) : stable("s" + i));
        }
        registry.lists(all);
        for (int i = 0; i < 20_000; i++) {
            Attempt attempt = fairlead.acquire("orders", i % 4 == 0 ? CANARY : OTHER);
            boolean fails = attempt.instance().id().startsWith("c") && i / 4 % 5 < 2;
            end(attempt, fails ? Outcome.FAILURE : Outcome.SUCCESS);
            time.advance(Duration.ofMillis(2));
        }
        return fairlead.statistics("orders").ejections().get(ServiceStatistics.Ejection.PEERS);
    }

    private static Routes routes(UnaryOperator<Rule.Builder> change) {
        Rule.Builder canary = Rule.named("canary").match(Match.pathPrefix("/canary"));
        return Routes.builder()
                .subset("canary", Subset.ofTags("canary"))
                .subset("stable", Subset.ofVersion("v1"))
                .rule(change.apply(canary.to("canary")).build())
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

    private static CompletableFuture<String> hanging(Fairlead fairlead, Collection<Attempt> attempts) {
        return fairlead.<String>callAsync(CallSpec.of("orders").with(CANARY), attempt -> {
                    attempts.add(attempt);
                    return new CompletableFuture<>();
                })
                .toCompletableFuture();
    }

    private static String call(Fairlead fairlead) throws IOException {
        return fairlead.call(
                CallSpec.of("orders").with(CANARY),
                attempt -> attempt.instance().id());
    }

    private static Set<String> picked(Fairlead fairlead, PickContext context, int calls) {
        Set<String> picked = new TreeSet<>();
        for (int i = 0; i < calls; i++) {
            Attempt attempt = fairlead.acquire("orders", context);
            picked.add(attempt.instance().id());
            end(attempt, Outcome.SUCCESS);
        }
        return picked;
    }

    private static void end(Attempt attempt, Outcome outcome) {
        attempt.complete(outcome);
        attempt.close();
    }
}
