// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.policy.plain.SplitMix;
import io.fairlead.balancer.regex.Automaton;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.route.TextMatch;
import io.fairlead.balancer.table.RouteTable;
import io.fairlead.spi.RequestFacts;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A call finds its route, in a table and as somebody would write it by hand. Requests have four headers of OkHttp, which
 * looks through them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class RouteBenchmark {
    private static final int MANY = 20;
    private static final int MOST = 200;
    private static final long SALT = SplitMix.hash("tenth-of-users/canary");

    /** A request that the last of the four rules takes. */
    private final PickContext context = PickContext.of(
            new FourHeaders(Headers.of(
                    "Accept", "application/json",
                    "User-Agent", "TestApp/v1.4",
                    "X-User-Id", "user-000004711",
                    "X-Region", "hangzhou")),
            null);

    private final RandomGenerator random = new SplittableRandom(1);
    private final String agent = "TestApp/v2." + "0123456789".repeat(12);
    private final Automaton automaton = Automaton.of("TestApp/v2(\\.[0-9a-z.]*)?");
    private RouteTable four = RouteTable.of(fourRules(), Caller.unknown());
    private RouteTable twenty = four;
    private RouteTable twentyRegions = four;
    private final String[] names = new String[MANY];
    private final String[] values = new String[MANY];
    private long now;

    /** As the adapter of OkHttp asks, but for the path, which OkHttp makes anew each time. */
    private record FourHeaders(Headers headers) implements RequestFacts {
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
            return headers.get(name);
        }
    }

    /** Makes the longer tables. */
    @Setup
    public void make() {
        twenty = RouteTable.of(rules(MANY, "X-Tag-"), Caller.unknown());
        twentyRegions = RouteTable.of(rules(MANY, ""), Caller.unknown());
        for (int i = 0; i < MANY; i++) {
            names[i] = i == MANY - 1 ? "X-Region" : "X-Tag-" + (i + 1);
            values[i] = i == MANY - 1 ? "hangzhou" : "region-" + (i + 1);
        }
    }

    private static Routes.Builder two() {
        return Routes.builder()
                .subset("canary", Subset.ofTags("canary"))
                .subset("stable", Subset.ofVersion("v1"))
                .otherwise(Rule.otherwise().to("stable").build());
    }

    private static Routes fourRules() {
        return two().rule(Rule.named("beta")
                        .match(Match.header("X-App-Version", "beta"))
                        .to("canary")
                        .build())
                .rule(Rule.named("testers")
                        .match(Match.header("X-User-Tag", "canary"))
                        .to("canary")
                        .build())
                .rule(Rule.named("north")
                        .match(Match.header("X-Region", "beijing"))
                        .to("canary")
                        .build())
                .rule(Rule.named("tenth-of-users")
                        .match(Match.builder()
                                .method("GET", "HEAD")
                                .path(TextMatch.prefix("/v1"))
                                .build())
                        .to("canary", 10)
                        .to("stable", 90)
                        .by(StickyKey.header("X-User-Id"))
                        .build())
                .build();
    }

    /** Of which the last matches; with names of their own, or all on one header. */
    private static Routes rules(int count, String names) {
        Routes.Builder routes = two();
        for (int i = 1; i < count; i++) {
            String name = names.isEmpty() ? "X-Region" : names + i;
            routes.rule(Rule.named("r" + i)
                    .match(Match.header(name, "region-" + i))
                    .to("canary")
                    .build());
        }
        return routes.rule(Rule.named("last")
                        .match(Match.header("X-Region", "hangzhou"))
                        .to("canary")
                        .build())
                .build();
    }

    /** The four rules by hand. */
    @Benchmark
    public String byHandFour() {
        if ("beta".equals(context.header("X-App-Version"))) {
            return "canary";
        }
        if ("canary".equals(context.header("X-User-Tag"))) {
            return "canary";
        }
        if ("beijing".equals(context.header("X-Region"))) {
            return "canary";
        }
        String method = context.method();
        String path = context.path();
        if (path != null && ("GET".equals(method) || "HEAD".equals(method)) && path.startsWith("/v1")) {
            String user = context.header("X-User-Id");
            if (user != null && SplitMix.below(1_000_000, SplitMix.mix(SplitMix.hash(user) ^ SALT)) < 100_000) {
                return "canary";
            }
        }
        return "stable";
    }

    /** The same four in a table. */
    @Benchmark
    public String tableFour() {
        return four.route(context, random, now++).subsetName();
    }

    /** Twenty headers by hand, of which the last has its value. */
    @Benchmark
    public int byHandTwenty() {
        for (int i = 0; i < MANY; i++) {
            if (values[i].equals(context.header(names[i]))) {
                return i;
            }
        }
        return MANY;
    }

    /** Twenty rules on headers of their own, of which the last matches. */
    @Benchmark
    public String tableTwenty() {
        return twenty.route(context, random, now++).subsetName();
    }

    /** Twenty rules on one header. */
    @Benchmark
    public String tableTwentyOnOneHeader() {
        return twentyRegions.route(context, random, now++).subsetName();
    }

    /** One header that is not there: what a look at the headers costs in this benchmark. */
    @Benchmark
    public @Nullable String missingHeader() {
        return context.header("X-App-Version");
    }

    /** 131 characters. */
    @Benchmark
    public boolean expression() {
        return automaton.matches(agent);
    }

    /** 200 rules, each with an expression of its own, from nothing. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public RouteTable compileTwoHundred() {
        Routes.Builder routes = two();
        for (int i = 0; i < MOST; i++) {
            routes.rule(Rule.named("r" + i)
                    .match(Match.builder()
                            .method("GET", "HEAD")
                            .path(TextMatch.prefix("/v1/" + i))
                            .header("User-Agent", TextMatch.regex("App" + i + "/v2(\\.[0-9a-z.]*)?"))
                            .build())
                    .to("canary", 10)
                    .to("stable", 90)
                    .by(StickyKey.header("X-User-Id"))
                    .build());
        }
        return RouteTable.of(routes.build(), Caller.unknown());
    }
}
