// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fairlead.balancer.FairleadOptions;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.SlowStart;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.route.TextMatch;
import io.fairlead.circuitbreaker.CircuitBreakerGuards;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteDocumentTest {
    @Test
    void aRateLimitThatRejectsEveryCallIsMostLikelyNotMeant() {
        assertThat(RouteDocument.read(
                                ("apiVersion: fairlead/v1\ndefaults: {rateLimit: {perSecond: 0, burst: 0}}\nservices:\n"
                                                + "  a: {rateLimit: {perSecond: 0}}\n  b: {rateLimit: {perSecond: 5, burst: 0}}\n"
                                                + "  c: {rateLimit: off}\n  d: {rateLimit: {perSecond: 5}}\n"
                                                + "  e: {subsets: {v1: {version: v1}}, default: {to: v1, fallback: none, rateLimit:"
                                                + " {perSecond: 0}}}\n")
                                        .getBytes(StandardCharsets.UTF_8))
                        .lint())
                .containsExactly(
                        "defaults.rateLimit: every call is rejected (for any number of calls: off)",
                        "a.rateLimit: every call is rejected but the first 1 of each process (for any number of calls: off)",
                        "b.rateLimit: every call is rejected (for any number of calls: off)",
                        "e.default.rateLimit: every call is rejected but the first 1 of each process (for any number of"
                                + " calls: off)");
    }

    /** The examples of the page of documentation. */
    static final String HEADERS = """
            apiVersion: fairlead/v1
            version: 2026-11-21.3
            services:
              user-service:
                subsets:
                  stable:  {version: v1}
                  canary:  {tags: [canary]}
                  beijing: {zone: cn-beijing*}
                  pre:     {metadata: {env: pre}}
                rules:
                  - {name: beta-app, match: {headers: {X-App-Version: beta}}, to: canary, fallback: [stable]}
                  - {name: testers, match: {headers: {X-User-Tag: canary}}, to: canary, fallback: [stable]}
                  - {name: pre-app, match: {headers: {User-Agent: {regex: 'TestApp/v2(\\..*)?'}}}, to: pre, fallback: none}
                  - {name: north, match: {headers: {X-Region: beijing}}, to: beijing, fallback: [stable]}
                  - name: tenth-of-users
                    match: {method: [GET, HEAD], path: {prefix: /v1}}
                    to: [{subset: canary, weight: 10}, {subset: stable, weight: 90}]
                    by: {header: X-User-Id}
                    fallback: [stable]
                    mirror: {to: pre, percent: 5}
                default: {to: stable, fallback: none}
            """;

    static final String SPLIT = """
            {"apiVersion": "fairlead/v1", "version": "ops-4711",
             "defaults": {"timeout": "2s", "retries": {"attempts": 3}},
             "services": {
              "myapp": {"subsets": {"v1": {"version": "v1"}, "v2": {"version": "v2"}},
               "rules": [{"name": "split", "fallback": ["v1"],
                          "to": [{"subset": "v2", "weight": 10}, {"subset": "v1", "weight": 90}]}],
               "default": {"to": "v1", "fallback": "none"}},
              "backend": {"subsets": {"blue": {"tags": ["blue"]}, "green": {"tags": ["green"]}},
               "default": {"to": "green", "fallback": ["blue"], "ramp": "60s"}}}}
            """;

    @Test
    void whatADocumentSaysIsWhatCodeWouldHaveSaid() {
        RouteDocument document = read(HEADERS);
        assertThat(document.version()).isEqualTo("2026-11-21.3");
        assertThat(document.services()).containsExactly("user-service");
        assertThat(document.lint()).isEmpty();
        Routes inCode = Routes.builder()
                .subset("stable", Subset.ofVersion("v1"))
                .subset("canary", Subset.ofTags("canary"))
                .subset("beijing", Subset.ofZone("cn-beijing*"))
                .subset("pre", Subset.ofMetadata("env", "pre"))
                .rule(Rule.named("beta-app")
                        .match(Match.header("X-App-Version", "beta"))
                        .to("canary")
                        .fallback("stable")
                        .build())
                .rule(Rule.named("testers")
                        .match(Match.header("X-User-Tag", "canary"))
                        .to("canary")
                        .fallback("stable")
                        .build())
                .rule(Rule.named("pre-app")
                        .match(Match.header("User-Agent", TextMatch.regex("TestApp/v2(\\..*)?")))
                        .to("pre")
                        .build())
                .rule(Rule.named("north")
                        .match(Match.header("X-Region", "beijing"))
                        .to("beijing")
                        .fallback("stable")
                        .build())
                .rule(Rule.named("tenth-of-users")
                        .match(Match.builder()
                                .method("GET", "HEAD")
                                .path(TextMatch.prefix("/v1"))
                                .build())
                        .to("canary", 10)
                        .to("stable", 90)
                        .by(StickyKey.header("X-User-Id"))
                        .fallback("stable")
                        .mirror(Mirror.to("pre").withPercent("5"))
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
        assertThat(document.routes().get("user-service")).isEqualTo(inCode);
    }

    @Test
    void theExampleOfTheDocumentationIsRight() throws IOException {
        String page = Files.readString(Path.of("../docs/live-routes.md"));
        int begin = page.indexOf("```yaml") + "```yaml".length();
        RouteDocument document = read(page.substring(begin, page.indexOf("```", begin)));
        assertThat(document.version()).isEqualTo("2026-11-21.3");
        assertThat(document.lint()).isEmpty();
        assertThat(document.routes().get("user-service").rules()).hasSize(2);
    }

    @Test
    void jsonAndYamlSayTheSame() {
        RouteDocument json = read(SPLIT);
        RouteDocument yaml = read("""
                apiVersion: fairlead/v1
                version: ops-4711
                defaults: {timeout: 2s, retries: {attempts: 3}}
                services:
                  myapp:
                    subsets: {v1: {version: v1}, v2: {version: v2}}
                    rules:
                      - name: split
                        fallback: v1
                        to:
                          - {subset: v2, weight: 10.0}
                          - {subset: v1, weight: 90}
                    default: {to: v1}
                  backend:
                    subsets: {blue: {tags: blue}, green: {tags: [green]}}
                    default: {to: green, fallback: [blue], ramp: 60s}
                """);
        assertThat(json.routes()).isEqualTo(yaml.routes());
        ServiceOptions myapp = json.over(FairleadOptions.defaults()).forService("myapp");
        assertThat(myapp.routes()).isEqualTo(json.routes().get("myapp"));
        assertThat(myapp.timeout()).contains(Duration.ofSeconds(2));
        assertThat(json.over(FairleadOptions.defaults())).isEqualTo(yaml.over(FairleadOptions.defaults()));
        assertThat(json.hash()).isNotEqualTo(yaml.hash()).hasSize(64);
    }

    @Test
    void everythingARuleCanSayIsRead() {
        Rule rule = read("""
                        apiVersion: fairlead/v1
                        services:
                          a:
                            subsets: {x: {version: 1.10, tags: [p, q], zone: z, metadata: {k: no}}, y: {version: "2"}}
                            rules:
                              - name: all
                                match:
                                  - {cookies: {c: {present: true}}, baggage: {b: {prefix: p}}, caller: {zone: cn*, version: 3, tag: t}}
                                  - {path: {exact: /x}, headers: {H: {present: false}}, percent: {of: 0.5, by: {cookie: uid}}}
                                to: [{subset: x, weight: 0.0001}, {subset: y, weight: 1000000}]
                                by: {baggage: user}
                                seed: salt
                                fallback: [y, any]
                                retryIn: same
                                timeout: 1.5s
                                retries: {attempts: 2, quota: {max: 10, cost: 2}, resend: [any-on-503]}
                                rateLimit: {perSecond: 0.5, burst: 3, maxWait: 10ms}
                                policy: {name: least_request, choices: 3}
                                ramp: 2m
                                tell: true
                                mirror: {to: y, percent: 0.5, maxBody: 1MiB, inFlight: 4, timeout: 1s, methods: [POST], credentials: true}
                            default: {to: x}
                        """).routes().get("a").rules().get(0);
        assertThat(rule.matches())
                .containsExactly(
                        Match.builder()
                                .cookie("c", TextMatch.present(true))
                                .baggage("b", TextMatch.prefix("p"))
                                .callerZone("cn*")
                                .callerVersion("3")
                                .callerTag("t")
                                .build(),
                        Match.builder()
                                .path(TextMatch.exact("/x"))
                                .header("H", TextMatch.present(false))
                                .percent(Percent.of("0.5").by(StickyKey.cookie("uid")))
                                .build());
        assertThat(rule.to()).hasToString("[x 0.0001, y 1000000]");
        assertThat(rule.by()).isEqualTo(StickyKey.baggage("user"));
        assertThat(rule.seed()).isEqualTo("salt");
        assertThat(rule.fallback()).containsExactly("y", "any");
        assertThat(rule.retryInSame()).isTrue();
        assertThat(rule.tell()).isTrue();
        assertThat(rule.timeout()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(rule.retries())
                .isEqualTo(new Retries(2, new Retries.Quota(10, 2), Set.of(Retries.Resend.ANY_ON_503)));
        assertThat(rule.rateLimit()).isEqualTo(new RateLimit(0.5, 3, Duration.ofMillis(10)));
        assertThat(rule.ramp()).isEqualTo(Duration.ofMinutes(2));
        assertThat(rule.policy().name()).isEqualTo("least_request");
        assertThat(rule.mirror())
                .isEqualTo(Mirror.to("y")
                        .withPercent("0.5")
                        .withMaxBody(1 << 20)
                        .withInFlight(4)
                        .withTimeout(Duration.ofSeconds(1))
                        .withMethods("POST")
                        .withCredentials(true));
    }

    @Test
    void optionsOfServicesAreOverThoseInCode() {
        FairleadOptions code = FairleadOptions.defaults()
                .forEveryService(o -> o.withRetries(Retries.off()).withSlowStart(SlowStart.off()))
                .forService("a", o -> o.withPolicy("random"));
        FairleadOptions options = read("""
                        apiVersion: fairlead/v1
                        defaults: {retries: {attempts: 5}, zones: [cn-1, [cn-2, cn-3]]}
                        services:
                          a: {rateLimit: {perSecond: 10.5}, slowStart: 5s}
                          B: {policy: round_robin, breaker: {failureRate: 60}, hedging: {delay: 20ms}, throttle: off, subsetting: off}
                        """).over(code);
        ServiceOptions a = options.forService("a");
        assertThat(a.retries()).isEqualTo(Retries.defaults().withAttempts(5));
        assertThat(a.zones()).isEqualTo(ZonePreference.own("cn-1").then("cn-2", "cn-3"));
        assertThat(a.slowStart()).isEqualTo(SlowStart.of(Duration.ofSeconds(5)));
        assertThat(a.rateLimit()).isEqualTo(RateLimit.of(10.5, 11));
        assertThat(a.policy().name()).isEqualTo("random");
        ServiceOptions b = options.forService("b");
        assertThat(b.policy().name()).isEqualTo("round_robin");
        assertThat(b.guard()).isInstanceOf(CircuitBreakerGuards.class);
        assertThat(b.subsetting().isOff()).isTrue();
        assertThat(options.forService("c").slowStart()).isEqualTo(SlowStart.off());
    }

    @Test
    void aDocumentWithoutServicesRemovesAllAndOneThatForgotThemIsRefused() {
        assertThat(read("{\"apiVersion\": \"fairlead/v1\", \"services\": {}}").routes())
                .isEmpty();
        assertThat(refused("apiVersion: fairlead/v1\n"))
                .containsExactly(
                        "1:1: services: missing (expected: an object as in '{orders: {…}}'; to remove all rules write"
                                + " 'services: {}')");
    }

    /** The messages of the paper, each with its place, path, offender, expectation and nearest word. */
    @Test
    void anUnknownKeySaysWhichWasMeant() {
        assertThat(refused(service("rules: [{name: a, too: x, to: x}]")))
                .containsExactly("5:23: services.user-service.rules[0].too: unknown key (did you mean 'to'?)");
        assertThat(refused("apiVersion: fairlead/v1\nservces: {}\nservices: {a: {rollout: {}}}"))
                .containsExactly(
                        "2:1: servces: unknown key (did you mean 'services'?)",
                        "3:16: services.a.rollout: unknown key");
    }

    @Test
    void aSubsetThatIsNotDefinedSaysWhichWasMeant() {
        assertThat(refused(service("rules: [{name: a, to: canry}]")))
                .containsExactly("5:27: services.user-service.rules[0].to: 'canry' (did you mean 'canary'? defined: x,"
                        + " canary)");
        assertThat(refused(service(
                        "rules: [{name: a, to: [{subset: canry, weight: 1}], fallback: [z], mirror: {to: w}}]")))
                .containsExactly(
                        "5:37: services.user-service.rules[0].to[0].subset: 'canry' (did you mean 'canary'? defined: x,"
                                + " canary)",
                        "5:68: services.user-service.rules[0].fallback[0]: 'z' (defined: x, canary)",
                        "5:85: services.user-service.rules[0].mirror.to: 'w' (defined: x, canary)");
    }

    @Test
    void aServiceWithoutADefaultIsRefused() {
        assertThat(refused("apiVersion: fairlead/v1\nservices:\n  a:\n    subsets: {x: {version: v1}}\n"))
                .containsExactly("4:5: services.a.default: missing (expected: what happens when no rule matches)");
    }

    @Test
    void aWeightOutsideItsRangeIsRefused() {
        assertThat(refused(service("rules: [{name: a, to: [{subset: x, weight: 1}, {subset: canary, weight: -5}]}]")))
                .containsExactly("5:77: services.user-service.rules[0].to[1].weight: -5 (expected: 0 to 1,000,000)");
        assertThat(refused(service(
                        "rules: [{name: a, to: [{subset: x, weight: ten}, {subset: canary, weight: 1000001}]}]")))
                .containsExactly(
                        "5:48: services.user-service.rules[0].to[0].weight: 'ten' (expected: a number, as in '0.5')",
                        "5:79: services.user-service.rules[0].to[1].weight: 1000001 (expected: 0 to 1,000,000)");
    }

    @Test
    void weightsThatSumToNothingAreRefused() {
        assertThat(refused(service("rules: [{name: a, to: [{subset: x, weight: 0}, {subset: canary, weight: 0.0}]}]")))
                .containsExactly(
                        "5:23: services.user-service.rules[0].to: weights sum to 0 (expected: at least one above 0)");
    }

    @Test
    void aNameThatStandsTwiceSaysWhereItStandsFirst() {
        assertThat(refused(service("rules: [{name: testers, to: x},\n      {name: testers, to: canary}]")))
                .containsExactly("6:14: services.user-service.rules[1].name: 'testers' twice (first at 5:20)");
    }

    @Test
    void aDurationNeedsAUnitAndASizeToo() {
        assertThat(
                        refused(
                                service(
                                        "timeout: 2\n    rules: [{name: a, to: x, timeout: 0s, ramp: 3d, mirror: {to: x, maxBody: 64, timeout: 100s}}]")))
                .containsExactly(
                        "5:14: services.user-service.timeout: '2' (expected: a duration with unit, as in '2s')",
                        "6:39: services.user-service.rules[0].timeout: '0s' (expected: 1ms to 24h)",
                        "6:49: services.user-service.rules[0].ramp: '3d' (expected: a duration with unit, as in '2s')",
                        "6:78: services.user-service.rules[0].mirror.maxBody: '64' (expected: a size with unit, as in '64KiB')",
                        "6:91: services.user-service.rules[0].mirror.timeout: '100s' (expected: 1ms to 60s)");
    }

    @Test
    void aSubsetThatAsksForNothingIsRefused() {
        assertThat(refused("apiVersion: fairlead/v1\nservices: {a: {subsets: {pre: {}}, default: {to: pre}}}"))
                .containsExactly("2:26: services.a.subsets.pre: empty (expected: version, tags, zone or metadata)");
    }

    @Test
    void anotherApiVersionIsRefused() {
        assertThat(refused("apiVersion: fairlead/v2\nservices: {}"))
                .containsExactly("1:13: apiVersion: 'fairlead/v2' (expected: fairlead/v1)");
    }

    @Test
    void aFallbackThatIsTheOnlyDestinationIsRefused() {
        assertThat(refused(service("rules: [{name: a, to: x, fallback: [x]}]")))
                .containsExactly(
                        "5:41: services.user-service.rules[0].fallback[0]: 'x' is the only destination (expected:"
                                + " another subset)");
    }

    @Test
    void aPercentageBeyondAHundredIsRefused() {
        assertThat(refused(service(
                        "rules: [{name: a, to: x, match: {percent: {of: 130}}, mirror: {to: canary, percent: 130}}]")))
                .containsExactly(
                        "5:52: services.user-service.rules[0].match.percent.of: 130 (expected: 0 to 100)",
                        "5:89: services.user-service.rules[0].mirror.percent: 130 (expected: 0 to 100)");
    }

    @Test
    void aNumberOfAnOptionKnowsItsRange() {
        assertThat(
                        refused(
                                service(
                                        "retries: {attempts: 11, budget: {ratio: 2}}\n    rateLimit: {burst: 1}\n    policy: rng_hash\n    zones: [a, [b, a]]\n    slowStart: {floor: 2}")))
                .containsExactly(
                        "5:25: services.user-service.retries.attempts: 11 (expected: 1..10)",
                        "5:37: services.user-service.retries.budget: ratio: 2.0 (expected: 0..1)",
                        "6:16: services.user-service.rateLimit.perSecond: missing (expected: calls a second, as in '100')",
                        "7:13: services.user-service.policy: 'rng_hash'; did you mean 'ring_hash'? (expected: one of [adaptive,"
                                + " ip_hash, least_request, maglev, peak_ewma, pick_first, prequal, random, ring_hash,"
                                + " round_robin, weighted_round_robin])",
                        "8:16: services.user-service.zones[1]: zone: 'a' twice (expected: in one tier only)",
                        "9:24: services.user-service.slowStart.floor: 2.0 (expected: above 0, up to 1)");
    }

    @Test
    void allProblemsAreToldTwentyAreShownAndAllAreCounted() {
        StringBuilder text = new StringBuilder("apiVersion: fairlead/v1\nservices:\n");
        for (int i = 0; i < 50; i++) {
            text.append("  s").append(i).append(": {polcy: random}\n");
        }
        RouteDocumentException refused =
                catchThrowableOfType(RouteDocumentException.class, () -> read(text.toString()));
        assertThat(refused.total()).isEqualTo(50);
        assertThat(refused.problems()).hasSize(50);
        assertThat(refused)
                .hasMessageStartingWith(
                        "50 problems: 3:8: services.s0.polcy: unknown key (did you mean 'policy'?); 4:8: ")
                .hasMessageEndingWith("; and 30 more");
        assertThat(refused.getMessage().split("; ")).hasSize(21);
    }

    @Test
    void twoSpellingsOfAServiceAreOneService() {
        assertThat(refused("apiVersion: fairlead/v1\nservices:\n  Orders: {}\n  orders: {}\n  -x: {}\n"))
                .containsExactly(
                        "4:3: services.orders: twice (first at 3:3)",
                        "5:3: services.-x: no name of a service (expected: labels of letters, digits, '-' and '_', joined"
                                + " by dots)");
    }

    private static String service(String rest) {
        return "apiVersion: fairlead/v1\nservices:\n  user-service:\n    subsets: {x: {version: v1}, canary: {tags: [canary]}}\n    "
                + rest + "\n    default: {to: x}\n";
    }

    private static RouteDocument read(String text) {
        return RouteDocument.read(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> refused(String text) {
        RouteDocumentException refused = catchThrowableOfType(RouteDocumentException.class, () -> read(text));
        assertThat(refused).as(text).isNotNull();
        return refused.problems().stream().map(DocumentProblem::toString).toList();
    }
}
