// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.route.TextMatch;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What the page promises of matches and of their order. */
class RouteTableTest {
    private static final RandomGenerator NO_CHANCE = () -> {
        throw new AssertionError("nothing here is left to chance");
    };

    @Test
    void theFirstRuleThatMatchesDecidesThenTheDefault() {
        Routes routes = two().rule(Rule.named("beta")
                        .match(Match.header("X-App-Version", "beta"))
                        .to("canary")
                        .build())
                .rule(Rule.named("any-version")
                        .match(Match.header("X-App-Version", TextMatch.present(true)))
                        .to("stable")
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
        assertThat(route(routes, TestRequest.with("x-app-version", "beta"))).isEqualTo("beta -> canary");
        assertThat(route(routes, TestRequest.with("X-APP-VERSION", "v1"))).isEqualTo("any-version -> stable");
        assertThat(route(routes, TestRequest.with())).isEqualTo("default -> stable");
    }

    @Test
    void whatIsMoreSpecificHasNoPrecedence() {
        Routes routes = two().rule(Rule.named("wide")
                        .match(Match.pathPrefix("/"))
                        .to("stable")
                        .build())
                .rule(Rule.named("narrow")
                        .match(Match.builder()
                                .method("GET")
                                .path(TextMatch.exact("/v1/x"))
                                .header("X", TextMatch.exact("y"))
                                .build())
                        .to("canary")
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
        assertThat(route(routes, get("/v1/x", "X", "y"))).isEqualTo("wide -> stable");
    }

    @Test
    void allKeysOfAMatchMustHoldAndOneMatchOfARule() {
        Routes routes = canaryIf(
                Match.builder()
                        .method("GET", "PUT")
                        .header("X-A", TextMatch.exact("1"))
                        .cookie("sid", TextMatch.prefix("2"))
                        .build(),
                Match.header("X-B", "1"));
        assertThat(isCanary(routes, get("/", "X-A", "1", "Cookie", "sid=22"))).isTrue();
        assertThat(isCanary(routes, get("/", "X-A", "1", "Cookie", "sid=32"))).isFalse();
        assertThat(isCanary(routes, get("/", "X-A", "0", "Cookie", "sid=22"))).isFalse();
        assertThat(isCanary(routes, get("/", "X-B", "1"))).isTrue();
    }

    @Test
    void aRuleWithoutAMatchAlwaysMatches() {
        Routes routes = canaryIf();
        assertThat(isCanary(routes, PickContext.none())).isTrue();
        assertThat(isCanary(canaryIf(Match.builder().build()), PickContext.none()))
                .isTrue();
    }

    @Test
    void headIsAnotherMethodThanGet() {
        Routes routes = canaryIf(Match.builder().method("GET").build());
        assertThat(isCanary(routes, get("/"))).isTrue();
        assertThat(isCanary(
                        routes,
                        PickContext.of(
                                new TestRequest(
                                        "HEAD", "/", TestRequest.get("/").headers()),
                                null)))
                .isFalse();
    }

    @Test
    void aPathIsMatchedEncodedAndAsItIs() {
        Routes exact = canaryIf(Match.builder().path(TextMatch.exact("/a/b")).build());
        assertThat(isCanary(exact, get("/a/b"))).isTrue();
        assertThat(isCanary(exact, get("/a%2Fb"))).isFalse();
        assertThat(isCanary(exact, get("/a/./b"))).isFalse();
        assertThat(isCanary(exact, get("/a/b/"))).isFalse();
        Routes regex =
                canaryIf(Match.builder().path(TextMatch.regex("/v[12](/.*)?")).build());
        assertThat(isCanary(regex, get("/v2/x"))).isTrue();
        assertThat(isCanary(regex, get("/v2x"))).isFalse();
    }

    @Test
    void anAbsentHeaderIsAskedForByPresentFalseAndAnEmptyOneIsThere() {
        Routes absent = canaryIf(Match.header("X-Debug", TextMatch.present(false)));
        assertThat(isCanary(absent, get("/"))).isTrue();
        assertThat(isCanary(absent, get("/", "X-Debug", ""))).isFalse();
        Routes present = canaryIf(Match.header("X-Debug", TextMatch.present(true)));
        assertThat(isCanary(present, get("/", "X-Debug", ""))).isTrue();
        assertThat(isCanary(present, get("/"))).isFalse();
        assertThat(isCanary(canaryIf(Match.header("X-Debug", "")), get("/", "X-Debug", "")))
                .isTrue();
        assertThat(isCanary(canaryIf(Match.header("X-Debug", "")), get("/"))).isFalse();
    }

    @Test
    void aCallWithoutARequestHasNoMethodPathOrHeader() {
        PickContext none = PickContext.none();
        assertThat(isCanary(canaryIf(Match.builder().method("GET").build()), none))
                .isFalse();
        assertThat(isCanary(canaryIf(Match.pathPrefix("/")), none)).isFalse();
        assertThat(isCanary(canaryIf(Match.header("X", TextMatch.regex(".*"))), none))
                .isFalse();
        assertThat(isCanary(canaryIf(Match.header("X", TextMatch.present(false))), none))
                .isTrue();
    }

    @Test
    void ofSeveralCookiesTheFirstCountsOfSeveralEntriesOfBaggageTheLast() {
        Routes cookie =
                canaryIf(Match.builder().cookie("sid", TextMatch.exact("1")).build());
        assertThat(isCanary(cookie, get("/", "Cookie", "sid=1; sid=2"))).isTrue();
        assertThat(isCanary(cookie, get("/", "Cookie", "sid=2; sid=1"))).isFalse();
        assertThat(isCanary(cookie, get("/", "Cookie", "SID=1"))).isFalse();
        assertThat(isCanary(cookie, get("/", "Cookie", "sid=\"1\""))).isFalse();
        Routes baggage =
                canaryIf(Match.builder().baggage("user", TextMatch.exact("a b")).build());
        assertThat(isCanary(baggage, get("/", "baggage", "user=x,user=a%20b;ttl=1")))
                .isTrue();
        assertThat(isCanary(baggage, get("/", "baggage", "user=a%20b,user=x"))).isFalse();
        assertThat(isCanary(baggage, get("/", "baggage", "other=1;user=a%20b"))).isFalse();
    }

    @Test
    void whatIsAskedOfTheCallerIsAnsweredWhenTheTableIsMade() {
        Routes routes = canaryIf(
                Match.builder().callerZone("cn-*").callerTag("batch").build(),
                Match.builder().callerVersion("2").build());
        Caller caller = Caller.unknown().withZone("cn-beijing").withTags("batch", "night");
        assertThat(route(routes, caller, PickContext.none())).isEqualTo("r -> canary");
        assertThat(route(routes, caller.withTags(), PickContext.none())).isEqualTo("default -> stable");
        assertThat(route(routes, Caller.unknown().withVersion("2"), PickContext.none()))
                .isEqualTo("r -> canary");
        assertThat(route(routes, Caller.unknown(), PickContext.none())).isEqualTo("default -> stable");
    }

    @Test
    void aPercentageWithAKeyThatIsMissingDoesNotMatch() {
        Routes routes = canaryIf(Match.builder()
                .percent(Percent.of("100").by(StickyKey.header("X-User-Id")))
                .build());
        assertThat(isCanary(routes, get("/", "X-User-Id", "user-1"))).isTrue();
        assertThat(isCanary(routes, get("/", "X-User-Id", ""))).isFalse();
        assertThat(isCanary(routes, get("/"))).isFalse();
    }

    @Test
    void aLaneHasWhatItsRuleSays() {
        Routes routes = two().subset("pre", Subset.ofTags("pre"))
                .rule(Rule.named("first")
                        .match(Match.header("X", "y"))
                        .to("pre")
                        .build())
                .otherwise(Rule.otherwise()
                        .to("canary", 1)
                        .to("stable", 0)
                        .fallback("pre", "any")
                        .retryInSame()
                        .timeout(Duration.ofSeconds(2))
                        .retries(Retries.off())
                        .rateLimit(RateLimit.of(10, 1))
                        .mirror(Mirror.to("stable"))
                        .build())
                .build();
        RouteTable table = RouteTable.of(routes, Caller.unknown());
        Lane lane = table.route(PickContext.none(), new SplittableRandom(1), 0);
        assertThat(lane.subsetName()).isEqualTo("canary").isEqualTo(table.subsetName(lane.subset()));
        assertThat(table.subset(lane.subset())).isEqualTo(Subset.ofTags("canary"));
        assertThat(table.subsets()).isEqualTo(3);
        assertThat(lane.fallback()).containsExactly(2, Lane.ANY);
        assertThat(table.subsetName(lane.mirror())).isEqualTo("stable");
        assertThat(lane.place()).isEqualTo(1);
        assertThat(lane.isPinned()).isTrue();
        assertThat(lane.timeoutNanos()).isEqualTo(2_000_000_000L);
        assertThat(lane.retries()).isEqualTo(Retries.off());
        assertThat(lane.rateLimit()).isEqualTo(RateLimit.of(10, 1));
        Lane first = table.route(TestRequest.with("X", "y"), NO_CHANCE, 0);
        assertThat(first.fallback()).isEmpty();
        assertThat(first.timeoutNanos()).isZero();
        assertThat(first.retries()).isNull();
        assertThat(table.lanes())
                .extracting(Lane::toString)
                .containsExactly("first -> pre", "default -> canary", "default -> stable");
    }

    @Test
    void countsGoOnInTheNextTableByRuleAndSubset() {
        Routes before = split(10, 90);
        RouteTable first = RouteTable.of(before, Caller.unknown());
        first.route(TestRequest.with("X-User-Id", "user-1"), NO_CHANCE, 0).count();
        first.route(TestRequest.with(), NO_CHANCE, 0).count();
        RouteTable next = RouteTable.of(split(20, 80), Caller.unknown()).under(first, 0);
        next.route(TestRequest.with(), NO_CHANCE, 0).count();
        assertThat(next.number()).isEqualTo(2);
        assertThat(next.lanes())
                .extracting(lane -> lane + " " + lane.calls() + " " + lane.keyless())
                .containsExactly(
                        "tenth-of-users -> canary 0 0", "tenth-of-users -> stable 3 2", "default -> stable 0 0");
        assertThat(first.lanes().get(1).calls()).isEqualTo(3);
    }

    @Test
    void whatComesBehindARuleThatAlwaysMatchesIsNeverAsked() {
        Routes routes = two().rule(Rule.named("all").to("canary").build())
                .rule(Rule.named("late")
                        .match(Match.builder().percent(Percent.of("50")).build())
                        .to("stable")
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
        assertThat(route(routes, PickContext.none())).isEqualTo("all -> canary");
    }

    @Test
    void offHasNoTable() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RouteTable.of(Routes.off(), Caller.unknown()))
                .withMessage("routes: off (expected: some, there is no table of none)");
    }

    @Test
    void explainSaysWhatWasSeenAndWhatWasExpected() {
        Routes routes = two().rule(Rule.named("get")
                        .match(Match.builder().method("PUT").build())
                        .match(Match.builder().path(TextMatch.prefix("/v2")).build())
                        .to("canary")
                        .build())
                .rule(Rule.named("testers")
                        .match(Match.header("X-User-Tag", "canary"))
                        .to("canary")
                        .build())
                .rule(Rule.named("here")
                        .match(Match.builder().callerZone("cn-*").build())
                        .to("canary")
                        .build())
                .rule(Rule.named("some")
                        .match(Match.builder()
                                .percent(Percent.of("0.5").by(StickyKey.header("X-User-Id")))
                                .build())
                        .to("canary")
                        .build())
                .rule(Rule.named("chance")
                        .match(Match.builder().percent(Percent.of("5")).build())
                        .to("canary")
                        .build())
                .rule(tenth(10, 90))
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
        RouteTable table = RouteTable.of(routes, Caller.unknown().withZone("eu"));
        assertThat(table.explain(get("/v1", "X-User-Tag", "beta\nx", "X-User-Id", "user-1"), 0))
                .containsExactly(
                        "rule get: no, method is 'GET' (expected: PUT); or path is '/v1' (expected: prefix '/v2')",
                        "rule testers: no, header X-User-Tag is 'beta?x' (expected: 'canary')",
                        "rule here: no, the caller is in zone eu (expected: zone cn-*)",
                        "rule some: no, the key 'user-1' draws 79.6442 % (expected: below 0.5 % by header X-User-Id)",
                        "rule chance: perhaps (5 % of calls), to canary",
                        "rule tenth-of-users: matches, the key 'user-1' (header X-User-Id) draws stable");
        assertThat(table.explain(PickContext.none(), 0))
                .contains(
                        "rule testers: no, header X-User-Tag is absent (expected: 'canary')",
                        "rule some: no, the key (header X-User-Id) is absent (expected: one that is among 0.5 % by header"
                                + " X-User-Id)",
                        "rule tenth-of-users: matches, the key (header X-User-Id) is absent: to stable");
    }

    @Test
    void explainNamesTheSharesWhenEachCallIsDrawn() {
        Routes routes = two().otherwise(
                        Rule.otherwise().to("canary", 1).to("stable", 2).build())
                .build();
        assertThat(RouteTable.of(routes, Caller.unknown()).explain(PickContext.none(), 0))
                .containsExactly("rule default: matches, drawn for each call: canary 33.3333 %, stable 66.6667 %");
    }

    static Routes split(long canary, long stable) {
        return two().rule(tenth(canary, stable))
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    private static Rule tenth(long canary, long stable) {
        return Rule.named("tenth-of-users")
                .to("canary", canary)
                .to("stable", stable)
                .by(StickyKey.header("X-User-Id"))
                .build();
    }

    private static Routes canaryIf(Match... matches) {
        Rule.Builder rule = Rule.named("r").to("canary");
        List.of(matches).forEach(rule::match);
        return two().rule(rule.build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    private static boolean isCanary(Routes routes, PickContext context) {
        return route(routes, context).equals("r -> canary");
    }

    private static String route(Routes routes, PickContext context) {
        return route(routes, Caller.unknown(), context);
    }

    private static String route(Routes routes, Caller caller, PickContext context) {
        return RouteTable.of(routes, caller).route(context, NO_CHANCE, 0).toString();
    }

    private static PickContext get(String path, String... headers) {
        return PickContext.of(TestRequest.get(path, headers), null);
    }

    static Routes.Builder two() {
        return Routes.builder().subset("canary", Subset.ofTags("canary")).subset("stable", Subset.ofVersion("v1"));
    }
}
