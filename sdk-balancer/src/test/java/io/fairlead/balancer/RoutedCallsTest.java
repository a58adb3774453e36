// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.NoInstanceException.Reason;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.RouteFacts;
import io.fairlead.api.RouteFacts.Why;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.policy.plain.PeakEwmaPolicy;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.route.TextMatch;
import io.fairlead.spi.RequestFacts;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where rules send calls, what happens when nobody is there, and what subsets have each for themselves. */
class RoutedCallsTest {
    private static final Subset CANARY = Subset.ofTags("canary");
    private static final Subset STABLE = Subset.ofVersion("v1");

    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    /** A request of a tester, or of anybody. */
    private record Request(@Nullable String user) implements RequestFacts {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/v1/orders";
        }

        @Override
        public @Nullable String header(String name) {
            return name.equalsIgnoreCase("X-User") ? user : null;
        }
    }

    private static final PickContext TESTER = PickContext.of(new Request("tester"), null);
    private static final PickContext ANYBODY = PickContext.of(new Request(null), null);

    @Test
    void callsGoToTheSubsetThatTheFirstMatchingRuleNames() {
        Fairlead fairlead = fairlead(routes(rule -> rule));
        lists(canary("c1"), canary("c2"), stable("s1"), stable("s2"));
        for (int i = 0; i < 50; i++) {
            assertThat(picked(fairlead, TESTER)).startsWith("c");
            assertThat(picked(fairlead, ANYBODY)).startsWith("s");
        }
    }

    @Test
    void withoutAFallbackNobodyElseAnswersAndTheMessageSaysWhoCould() {
        Fairlead fairlead = fairlead(routes(rule -> rule));
        lists(stable("s1"), stable("s2"));
        assertThatThrownBy(() -> fairlead.acquire("orders", TESTER))
                .isInstanceOfSatisfying(
                        NoInstanceException.class,
                        none -> assertThat(none.reason()).isEqualTo(Reason.SUBSET_EMPTY))
                .hasMessage(
                        "No instance of 'orders' is in a subset that may take this call: rule 'testers' sends it to"
                                + " 'canary' (tags [canary]); of 2 known nobody fits. Subsets that have instances: 'stable' (2).");
        assertThat(picked(fairlead, ANYBODY)).startsWith("s");
    }

    @Test
    void whereNobodyIsTheDeclaredFallbackAnswers() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(stable("s1"), stable("s2"));
        try (Attempt attempt = fairlead.acquire("orders", TESTER)) {
            assertThat(attempt.instance().id()).startsWith("s");
            assertThat(attempt.route()).isEqualTo(new RouteFacts("testers", "canary", "stable", Why.FALLBACK, 1));
        }
    }

    @Test
    void anyAsAFallbackIsEverybody() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback(Rule.ANY)));
        lists(instance("other").build());
        try (Attempt attempt = fairlead.acquire("orders", TESTER)) {
            assertThat(attempt.instance().id()).isEqualTo("other");
            assertThat(attempt.route()).hasToString("testers/canary>any");
        }
        assertThatThrownBy(() -> fairlead.acquire("orders", ANYBODY)).isInstanceOf(NoInstanceException.class);
    }

    @Test
    void whoDrainsIsCriticalOrIsEjectedIsNotUsedWhileTheFallbackIs() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(canary("c1"), stable("s1"));
        lists(canary("c1").withStatus(InstanceStatus.DRAINING), stable("s1"));
        assertThat(picked(fairlead, TESTER)).isEqualTo("s1");
        lists(canary("c1").withStatus(InstanceStatus.CRITICAL), stable("s1"));
        assertThat(picked(fairlead, TESTER)).isEqualTo("s1");
        lists(canary("c1"), stable("s1"));
        fail(fairlead, TESTER, "c1");
        assertThat(picked(fairlead, TESTER)).isEqualTo("s1");
    }

    @Test
    void whenNobodyOfTheChainIsUsableTheAssignedSubsetIsUsedAndNobodyBeyondIt() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(canary("c1"), stable("s1"));
        lists(canary("c1").withStatus(InstanceStatus.CRITICAL));
        assertThat(picked(fairlead, TESTER)).isEqualTo("c1");
    }

    @Test
    void aSubsetThatOthersAnswerForMayBeOutWholeAndAnotherNeverLosesItsLast() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(canary("c1"), stable("s1"));
        fail(fairlead, TESTER, "c1");
        fail(fairlead, ANYBODY, "s1");
        assertThat(health(fairlead, "c1").isServing()).isFalse();
        assertThat(health(fairlead, "s1").isServing()).isTrue();
    }

    @Test
    void aBadCanaryTakesNoSeatFromTheOthers() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(canary("c1"), canary("c2"), stable("s1"), stable("s2"), stable("s3"), stable("s4"));
        fail(fairlead, TESTER, "c1", "c2");
        fail(fairlead, ANYBODY, "s1");
        assertThat(health(fairlead, "c1").isServing()).isFalse();
        assertThat(health(fairlead, "c2").isServing()).isFalse();
        assertThat(health(fairlead, "s1").isServing()).isFalse();
    }

    @Test
    void aRetryLeavesTheCanaryWhenItsRuleSaysWhoElseAnswers() throws IOException {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(canary("c1"), canary("c2"), stable("s1"));
        List<String> tried = new ArrayList<>();
        String answer = fairlead.call(spec(TESTER), attempt -> refusedFirst(attempt, tried));
        assertThat(answer).isEqualTo("s1");
        assertThat(tried.get(0)).matches("c. testers/canary FIRST");
        assertThat(tried.get(1)).isEqualTo("s1 testers/canary>stable RETRY");
    }

    @Test
    void aRetryStaysWhereItsRulePinsItOrNamesNobodyElse() throws IOException {
        for (Routes routes : List.of(
                routes(rule -> rule), routes(rule -> rule.fallback("stable").retryInSame()))) {
            Fairlead fairlead = fairlead(routes);
            lists(canary("c1"), canary("c2"), stable("s1"));
            List<String> tried = new ArrayList<>();
            String answer = fairlead.call(spec(TESTER), attempt -> refusedFirst(attempt, tried));
            assertThat(answer).startsWith("c");
            fairlead.close();
        }
    }

    @Test
    void aCallIsRoutedOnceForAllItsAttempts() {
        Routes routes = twoSubsets()
                .otherwise(Rule.otherwise()
                        .to("canary", 1)
                        .to("stable", 1)
                        .fallback("canary", "stable")
                        .build())
                .build();
        Fairlead fairlead = fairlead(routes);
        lists(canary("c1"), canary("c2"), stable("s1"), stable("s2"));
        for (int call = 0; call < 40; call++) {
            List<String> assigned = new ArrayList<>();
            assertThatThrownBy(() -> fairlead.call(spec(ANYBODY), attempt -> {
                        assigned.add(attempt.route().assigned());
                        throw new ConnectException("refused");
                    }))
                    .isInstanceOf(IOException.class);
            assertThat(assigned).isNotEmpty().containsOnly(assigned.get(0));
        }
    }

    @Test
    void aRuleHasItsOwnTimesAndLimits() {
        Routes routes = routes(rule ->
                rule.rateLimit(RateLimit.of(1, 2)).retries(Retries.off()).timeout(Duration.ofSeconds(3)));
        Fairlead fairlead = fairlead(routes);
        lists(canary("c1"), canary("c2"), stable("s1"));
        List<String> tried = new ArrayList<>();
        assertThatThrownBy(() -> fairlead.call(spec(TESTER), attempt -> refusedFirst(attempt, tried)))
                .isInstanceOf(ConnectException.class);
        assertThat(tried).hasSize(1);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 3; i++) {
                        String unused = fairlead.call(spec(TESTER), attempt -> "fine");
                    }
                })
                .isInstanceOf(CallRejectedException.class)
                .hasMessageContaining("more calls than rule 'testers' allows");
        assertThat(picked(fairlead, ANYBODY)).isEqualTo("s1");
    }

    @Test
    void eachSubsetPanicsForItself() {
        Fairlead fairlead = fairlead(routes(rule -> rule));
        lists(canary("c1"), canary("c2"), canary("c3"), canary("c4"), stable("s1"), stable("s2"));
        lists(
                canary("c1"),
                critical(canary("c2")),
                critical(canary("c3")),
                critical(canary("c4")),
                stable("s1"),
                critical(stable("s2")));
        Map<String, Integer> testers = counts(fairlead, TESTER, 400);
        Map<String, Integer> others = counts(fairlead, ANYBODY, 400);
        assertThat(testers).containsOnlyKeys("c1", "c2", "c3", "c4");
        assertThat(others).containsOnlyKeys("s1");
    }

    @Test
    void aNewcomerIsNewAmongThoseOfItsSubset() {
        Fairlead fairlead = fairlead(routes(rule -> rule), "weighted_round_robin");
        lists(stable("s1"), stable("s2"), stable("s3"));
        lists(canary("c1"), canary("c2"), stable("s1"), stable("s2"), stable("s3"), stable("s4"));
        Map<String, Integer> testers = counts(fairlead, TESTER, 400);
        Map<String, Integer> others = counts(fairlead, ANYBODY, 400);
        assertThat(testers.get("c1")).isBetween(150, 250);
        assertThat(others.getOrDefault("s4", 0)).isLessThan(50);
    }

    @Test
    void whoChangesSubsetKeepsItsState() {
        Fairlead fairlead = fairlead(routes(rule -> rule));
        lists(stable("x"), stable("s1"), stable("s2"), stable("s3"), canary("c1"), canary("c2"), canary("c3"));
        fail(fairlead, ANYBODY, "x");
        assertThat(health(fairlead, "x").isServing()).isFalse();
        lists(canary("x"), stable("s1"), stable("s2"), stable("s3"), canary("c1"), canary("c2"), canary("c3"));
        assertThat(health(fairlead, "x").isServing()).isFalse();
        assertThat(counts(fairlead, TESTER, 50)).containsOnlyKeys("c1", "c2", "c3");
        assertThat(counts(fairlead, ANYBODY, 50)).doesNotContainKey("x");
        fail(fairlead, ANYBODY, "s1");
        assertThat(health(fairlead, "s1").isServing()).isFalse();
    }

    @Test
    void otherRulesLeaveWhatIsKnownOfInstances() {
        Fairlead fairlead = fairlead(routes(rule -> rule));
        lists(stable("s1"), stable("s2"), stable("s3"), canary("c1"));
        fail(fairlead, ANYBODY, "s1");
        Attempt open = fairlead.acquire("orders", TESTER);
        Routes after = routes(rule -> rule.to("stable", 3).fallback("stable"));
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(after)));
        assertThat(health(fairlead, "s1").isServing()).isFalse();
        assertThat(view(fairlead, "c1").inFlight()).isOne();
        end(open, Outcome.SUCCESS);
        assertThat(view(fairlead, "c1").inFlight()).isZero();
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(Routes.off())));
        assertThat(health(fairlead, "s1").isServing()).isFalse();
        assertThat(counts(fairlead, ANYBODY, 300)).containsOnlyKeys("s2", "s3", "c1");
    }

    @Test
    void aRuleMayChooseByAPolicyOfItsOwn() {
        Routes routes = routes(rule -> rule.policy(new RingHashPolicy().keyedBy(StickyKey.header("X-User"))));
        Fairlead fairlead = fairlead(routes);
        lists(canary("c1"), canary("c2"), canary("c3"), stable("s1"), stable("s2"));
        assertThat(counts(fairlead, TESTER, 100)).hasSize(1);
        assertThat(counts(fairlead, ANYBODY, 100)).hasSize(2);
    }

    @Test
    void aRuleWhosePolicyRemembersLatencyOtherwiseIsRefused() {
        Routes routes = routes(rule -> rule.policy(new PeakEwmaPolicy()));
        assertThatThrownBy(() -> fairlead(routes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rule 'testers' has policy 'peak_ewma'");
    }

    @Test
    void theStatusShowsSubsetsAndWhatRulesSendThere() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(canary("c1"), critical(canary("c2")), stable("s1"));
        counts(fairlead, TESTER, 3);
        counts(fairlead, ANYBODY, 2);
        ServiceStatus.RoutesView routes = fairlead.status("orders").routes();
        assertThat(routes.subsets())
                .containsExactly(
                        new ServiceStatus.SubsetView("canary", "tags [canary]", 2, 1, false),
                        new ServiceStatus.SubsetView("stable", "version v1", 1, 1, false));
        assertThat(routes.lanes())
                .containsExactly(
                        new ServiceStatus.LaneView("testers", "canary", 1, 3, 0),
                        new ServiceStatus.LaneView("default", "stable", 1, 2, 0));
    }

    @Test
    void anExplanationBeginsWithTheRulesAndADryRunFollowsThem() {
        Fairlead fairlead = fairlead(routes(rule -> rule.fallback("stable")));
        lists(canary("c1"), stable("s1"), stable("s2"));
        Explanation explanation = fairlead.explain("orders", ANYBODY);
        assertThat(explanation.routes()).hasSize(2);
        assertThat(explanation.routes().get(0)).startsWith("rule testers: no, ");
        assertThat(explanation.routes().get(1)).startsWith("rule default: matches");
        assertThat(explanation.toString()).contains("c1 ").contains("outside the subset (version v1)");
        assertThat(explanation.eligible()).hasSize(2);
        DryRun run = fairlead.dryRun("orders", call -> call % 4 == 0 ? TESTER : ANYBODY, 400);
        assertThat(run.shares().get(0).picks()).isEqualTo(100);
        lists(stable("s1"), stable("s2"));
        assertThat(fairlead.dryRun("orders", TESTER, 10).shares().get(0).picks())
                .isEqualTo(5);
        assertThat(fairlead.status("orders").routes().lanes().get(0).calls()).isZero();
    }

    private static Routes.Builder twoSubsets() {
        return Routes.builder().subset("canary", CANARY).subset("stable", STABLE);
    }

    private static Routes routes(UnaryOperator<Rule.Builder> change) {
        Rule.Builder testers = Rule.named("testers")
                .match(Match.header("X-User", TextMatch.exact("tester")))
                .to("canary");
        return twoSubsets()
                .rule(change.apply(testers).build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    private Fairlead fairlead(Routes routes) {
        return fairlead(routes, "round_robin");
    }

    private Fairlead fairlead(Routes routes, String policy) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .policy(policy)
                .forService("orders", o -> o.withRoutes(routes))
                .build();
        registry.lists(List.of());
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    private void lists(ServiceInstance... instances) {
        registry.lists(List.of(instances));
    }

    private static ServiceInstance.Builder instance(String id) {
        return FakeRegistry.instance(id).toBuilder();
    }

    private static ServiceInstance canary(String id) {
        return instance(id).tag("canary").build();
    }

    private static ServiceInstance stable(String id) {
        return instance(id).version("v1").build();
    }

    private static ServiceInstance critical(ServiceInstance instance) {
        return instance.withStatus(InstanceStatus.CRITICAL);
    }

    private static CallSpec spec(PickContext context) {
        return CallSpec.of("orders").with(context);
    }

    private static String refusedFirst(Attempt attempt, List<String> tried) throws IOException {
        RouteFacts route = attempt.route();
        tried.add(attempt.instance().id() + ' ' + route + ' ' + route.why());
        if (attempt.number() == 1) {
            throw new ConnectException("refused");
        }
        return attempt.instance().id();
    }

    private static String picked(Fairlead fairlead, PickContext context) {
        Attempt attempt = fairlead.acquire("orders", context);
        end(attempt, Outcome.SUCCESS);
        return attempt.instance().id();
    }

    private static Map<String, Integer> counts(Fairlead fairlead, PickContext context, int calls) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < calls; i++) {
            counts.merge(picked(fairlead, context), 1, Integer::sum);
        }
        return counts;
    }

    /** So many calls that these fail whenever they are picked. */
    private static void fail(Fairlead fairlead, PickContext context, String... ids) {
        for (int i = 0; i < 60; i++) {
            Attempt attempt = fairlead.acquire("orders", context);
            end(attempt, List.of(ids).contains(attempt.instance().id()) ? Outcome.FAILURE : Outcome.SUCCESS);
        }
    }

    private static ServiceStatus.InstanceView view(Fairlead fairlead, String id) {
        return fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static InstanceHealth.State health(Fairlead fairlead, String id) {
        return view(fairlead, id).health().state();
    }

    private static void end(Attempt attempt, Outcome outcome) {
        attempt.complete(outcome);
        attempt.close();
    }
}
