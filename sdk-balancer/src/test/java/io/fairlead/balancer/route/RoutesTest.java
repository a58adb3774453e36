// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fairlead.balancer.policy.StickyKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RoutesTest {
    private static final Rule TO_STABLE = Rule.otherwise().to("stable").build();

    @Test
    void offIsTheDefaultAndSaysNothing() {
        assertThat(Routes.off().isOff()).isTrue();
        assertThat(Routes.off().lint()).isEmpty();
        assertThat(Routes.off()).hasToString("off");
    }

    @Test
    void twoThatSayTheSameAreEqual() {
        assertThat(tenth("10")).isEqualTo(tenth("10.0")).hasSameHashCodeAs(tenth("1e1"));
        assertThat(tenth("10")).isNotEqualTo(tenth("20"));
        assertThat(tenth("10"))
                .hasToString("tenth: method [GET, HEAD], path prefix '/v1' -> canary 10, stable 90"
                        + " by header X-User-Id, else stable\ndefault: always -> stable");
    }

    private static Routes tenth(String weight) {
        return two().rule(Rule.named("tenth")
                        .match(Match.builder()
                                .method("GET", "HEAD")
                                .path(TextMatch.prefix("/v1"))
                                .build())
                        .to(Destination.of("canary", weight))
                        .to("stable", 90)
                        .by(StickyKey.header("X-User-Id"))
                        .fallback("stable")
                        .build())
                .otherwise(TO_STABLE)
                .build();
    }

    @Test
    void theDefaultIsMandatory() {
        assertThat(two().problems())
                .containsExactly(new Problem("default", "missing (expected: what happens when no rule matches)"));
    }

    @Test
    void everyProblemIsNamedAtOnceWithItsPlace() {
        Routes.Builder routes = two().subset("pre", Subset.empty())
                .subset("stable", Subset.ofVersion("v1"))
                .subset("no spaces", Subset.ofZone("cn-*-1"))
                .rule(Rule.named("first")
                        .to("canry")
                        .to("stable", -5)
                        .fallback("any", "stable")
                        .build())
                .rule(Rule.named("first")
                        .to("canary", 0)
                        .to(Destination.of("stable", "0.00000"))
                        .timeout(Duration.ZERO)
                        .ramp(Duration.ofDays(2))
                        .mirror(Mirror.to("prod").withPercent("130").withMethods())
                        .build())
                .rule(Rule.named("default").build())
                .rule(Rule.named("same").to("canary").fallback("canary").build())
                .rule(Rule.named("twice")
                        .to("canary", 2_000_000)
                        .to(Destination.of("canary", "0.00001"))
                        .seed("a/b")
                        .build());
        assertThat(routes.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "subsets.pre: empty (expected: version, tags, zone or metadata)",
                        "subsets.stable: twice (expected: one subset of a name)",
                        "subsets.no spaces: 'no spaces' (expected: 1 to 63 characters, letters, digits, '-', '_' and '.',"
                                + " as in 'canary')",
                        "subsets.no spaces.zone: 'cn-*-1' (expected: a zone, or its beginning with one '*' behind)",
                        "rules[0].to[0].subset: 'canry' (did you mean 'canary'? defined: canary, stable, pre, no spaces)",
                        "rules[0].to[1].weight: -5 (expected: 0 to 1,000,000)",
                        "rules[0].fallback[0]: 'any' before others (expected: last, it has all instances)",
                        "rules[1].name: 'first' twice (first at rules[0])",
                        "rules[1].to: weights sum to 0 (expected: at least one above 0)",
                        "rules[1].timeout: PT0S (expected: above 0, up to 24h)",
                        "rules[1].ramp: PT48H (expected: 0, up to 24h)",
                        "rules[1].mirror.to: 'prod' (did you mean 'pre'? defined: canary, stable, pre, no spaces)",
                        "rules[1].mirror.percent: 130 (expected: 0 to 100)",
                        "rules[1].mirror.methods: empty (expected: methods, as in GET)",
                        "rules[2].name: 'default' (expected: another name, this one has a meaning)",
                        "rules[2].to: missing (expected: at least one subset)",
                        "rules[3].fallback[0]: 'canary' is the only destination (expected: another subset)",
                        "rules[4].seed: 'a/b' (expected: 1 to 63 characters, letters, digits, '-', '_' and '.', as in"
                                + " 'canary')",
                        "rules[4].to[0].weight: 2000000 (expected: 0 to 1,000,000)",
                        "rules[4].to[1].subset: 'canary' twice (expected: each once)",
                        "rules[4].to[1].weight: 0.00001 (expected: at most 4 decimals)",
                        "default: missing (expected: what happens when no rule matches)");
        assertThatIllegalArgumentException()
                .isThrownBy(routes::build)
                .withMessageStartingWith("routes: 22 problems\n  subsets.pre: empty (")
                .withMessageEndingWith("\n  and 2 more");
    }

    @Test
    void conditionsAreCheckedToo() {
        Match match = Match.builder()
                .method("get")
                .path(TextMatch.prefix("v1?x"))
                .header("X Y", TextMatch.exact("1"))
                .header("x-a", TextMatch.exact("1"))
                .header("X-A", TextMatch.exact("2"))
                .callerZone("")
                .percent(Percent.of("130"))
                .build();
        assertThat(two().otherwise(TO_STABLE)
                        .rule(Rule.named("r")
                                .to("stable")
                                .match(Match.builder()
                                        .path(TextMatch.present(true))
                                        .build())
                                .match(match)
                                .build())
                        .problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "rules[0].match[0].path.present: a path always is (expected: exact, prefix or regex)",
                        "rules[0].match[1].method: 'get' (expected: methods in upper case, as in GET)",
                        "rules[0].match[1].path.prefix: 'v1?x' (expected: a path that begins with '/', without a query)",
                        "rules[0].match[1].headers.X Y: 'X Y' (expected: a header's name, as in X-User-Id)",
                        "rules[0].match[1].headers.X-A: twice (expected: each once, case does not matter)",
                        "rules[0].match[1].caller.zone: '' (expected: a zone, or its beginning with one '*' behind)",
                        "rules[0].match[1].percent.of: 130 (expected: 0 to 100)");
    }

    @Test
    void expressionsAreCompiledAndBoundedTogether() {
        Rule.Builder rule = Rule.named("r")
                .to("stable")
                .match(Match.builder()
                        .header("User-Agent", TextMatch.regex("(a"))
                        .path(TextMatch.regex("/v[12]/.*"))
                        .build());
        assertThat(two().otherwise(TO_STABLE).rule(rule.build()).problems())
                .containsExactly(new Problem("rules[0].match[0].headers.User-Agent.regex", "'(a' at 2: ')' missing"));
        Routes.Builder routes = two().otherwise(TO_STABLE);
        for (int i = 0; i < 12; i++) {
            routes.rule(Rule.named("r" + i)
                    .to("stable")
                    .match(Match.header("X", TextMatch.regex("([ab]{97}x){18}")))
                    .build());
        }
        assertThat(routes.problems())
                .containsExactly(new Problem(
                        "rules[11].match[0].headers.X.regex",
                        "with those before it over 20,000 states (expected: less {m,n} and '.*')"));
    }

    @Test
    void thereAreAtMost32SubsetsAnd200Rules() {
        Routes.Builder routes = Routes.builder().otherwise(TO_STABLE);
        routes.subset("stable", Subset.ofVersion("v1"));
        for (int i = 0; i < 31; i++) {
            routes.subset("s" + i, Subset.ofVersion("v" + i));
        }
        for (int i = 0; i < 200; i++) {
            routes.rule(Rule.named("r" + i).to("stable").build());
        }
        assertThat(routes.problems()).isEmpty();
        routes.subset("more", Subset.ofVersion("v"))
                .rule(Rule.named("more").to("more").build());
        assertThat(routes.problems())
                .containsExactly(
                        new Problem("subsets", "33 (expected: at most 32)"),
                        new Problem("rules", "201 (expected: at most 200)"));
    }

    @Test
    void whatOthersWroteForgesNoLineOfALog() {
        assertThat(two().rule(Rule.named("a\nb" + "x".repeat(1_000))
                                .to("stable")
                                .build())
                        .otherwise(TO_STABLE)
                        .problems()
                        .get(0)
                        .message())
                .startsWith("'a?bxxx")
                .hasSizeLessThan(320)
                .doesNotContain("\n");
    }

    @Test
    void whatIsAllowedAndNotMeantIsLint() {
        Routes routes = two().subset("old", Subset.ofVersion("v0"))
                .subset("dark", Subset.ofVersion("v9"))
                .rule(Rule.named("testers")
                        .match(Match.header("X-Tag", "t"))
                        .to("canary")
                        .retryInSame()
                        .by(StickyKey.hashKey())
                        .build())
                .rule(Rule.named("testers-again")
                        .match(Match.header("X-Tag", "t"))
                        .to("stable")
                        .build())
                .rule(Rule.named("nobody")
                        .match(Match.builder()
                                .percent(Percent.of("0"))
                                .path(TextMatch.exact("/a b"))
                                .build())
                        .to("stable")
                        .mirror(Mirror.to("stable"))
                        .build())
                .rule(Rule.named("all")
                        .to("canary", 1)
                        .to("old", 0)
                        .by(StickyKey.cookie("uid"))
                        .build())
                .rule(Rule.named("late")
                        .match(Match.header("X", "y"))
                        .to("stable")
                        .build())
                .otherwise(TO_STABLE)
                .build();
        assertThat(routes.lint())
                .extracting(Problem::toString)
                .containsExactly(
                        "rules[0].by: one destination: nothing is drawn",
                        "rules[0].retryIn: same: without a fallback attempts stay anyway",
                        "rules[1]: 'testers-again' is never reached: 'testers' before it matches the same",
                        "rules[2].match[0].percent.of: 0: it never matches",
                        "rules[2].match[0].path: '/a b' never matches: blanks and what is not ASCII are encoded in a path, as"
                                + " in %20",
                        "rules[2].mirror.to: 'stable' gets each call and its copy",
                        "rules[3].to[1]: old 0 takes every call without the key (cookie uid), although its weight is 0",
                        "rules[4]: 'late' is never reached: 'all' before it always matches",
                        "subsets.old: gets no calls: no rule names it with a weight above 0",
                        "subsets.dark: gets no calls: no rule names it with a weight above 0");
    }

    private static Routes.Builder two() {
        return Routes.builder().subset("canary", Subset.ofTags("canary")).subset("stable", Subset.ofVersion("v1"));
    }
}
