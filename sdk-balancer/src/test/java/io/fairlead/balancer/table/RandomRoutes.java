// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.regex.RandomRegex;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.route.TextMatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Routes, callers and requests of few words, so that many rules match and many nearly do. */
final class RandomRoutes {
    private static final String[] HEADERS = {"X-A", "x-b", "X-User-Id"};
    private static final String[] NAMES = {"sid", "uid"};
    private static final String[] VALUES = {"", "a", "b", "aa", "a-1", "beta", "é"};
    private static final String[] PATHS = {"/", "/v1", "/v1/", "/v1/x", "/v10", "/v1%2Fx", "/a/b/c", "/V1"};
    private static final String[] METHODS = {"GET", "HEAD", "POST"};
    private static final String[] ZONES = {"cn-a", "cn-b", "eu", "cn-*", "*"};
    private static final String[] VERSIONS = {"1", "1.0"};
    private static final String[] SUBSETS = {"canary", "stable", "pre", "old"};
    private static final String[] WEIGHTS = {"0", "1", "1", "10", "90", "0.5", "0.0001", "33.3333", "1000000"};

    private final Random random;

    RandomRoutes(Random random) {
        this.random = random;
    }

    Routes routes() {
        Routes.Builder routes = Routes.builder();
        for (String name : SUBSETS) {
            routes.subset(name, Subset.ofVersion(name));
        }
        int rules = random.nextInt(6);
        for (int i = 0; i < rules; i++) {
            Rule.Builder rule = Rule.named("r" + i);
            for (int m = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(2); m > 0; m--) {
                rule.match(match());
            }
            routes.rule(destinations(rule));
        }
        return routes.otherwise(destinations(Rule.otherwise())).build();
    }

    private Rule destinations(Rule.Builder rule) {
        List<String> subsets = new ArrayList<>(List.of(SUBSETS));
        Collections.shuffle(subsets, random);
        int count = 1 + random.nextInt(SUBSETS.length);
        int sure = random.nextInt(count);
        for (int i = 0; i < count; i++) {
            rule.to(Destination.of(subsets.get(i), i == sure ? "10" : one(WEIGHTS)));
        }
        if (random.nextInt(4) != 0) {
            rule.by(key());
        }
        if (random.nextInt(4) == 0) {
            rule.seed("seed");
        }
        return rule.build();
    }

    private StickyKey key() {
        return switch (random.nextInt(4)) {
            case 0 -> StickyKey.hashKey();
            case 1 -> StickyKey.cookie(one(NAMES));
            case 2 -> StickyKey.baggage(one(NAMES));
            default -> StickyKey.header(one(HEADERS));
        };
    }

    private Match match() {
        Match.Builder match = Match.builder();
        for (int i = random.nextInt(4); i > 0; i--) {
            switch (random.nextInt(8)) {
                case 0 -> match.method(one(METHODS));
                case 1 -> match.method("GET", "HEAD");
                case 2 -> match.path(path());
                case 3 -> match.cookie(one(NAMES), text());
                case 4 -> match.baggage(one(NAMES), text());
                case 5 -> caller(match);
                case 6 -> match.percent(percent());
                default -> match.header(one(HEADERS), text());
            }
        }
        return match.build();
    }

    private void caller(Match.Builder match) {
        switch (random.nextInt(3)) {
            case 0 -> match.callerZone(one(ZONES));
            case 1 -> match.callerVersion(one(VERSIONS));
            default -> match.callerTag(one(NAMES));
        }
    }

    private Percent percent() {
        Percent percent = Percent.of(List.of("0", "10", "50", "99.9999", "100").get(random.nextInt(5)));
        return random.nextInt(4) == 0 ? percent : percent.by(key());
    }

    private TextMatch path() {
        return switch (random.nextInt(3)) {
            case 0 -> TextMatch.exact(one(PATHS));
            case 1 -> TextMatch.prefix(one(PATHS));
            default -> TextMatch.regex("/v[12](/" + RandomRegex.of(random, 1) + ")?");
        };
    }

    private TextMatch text() {
        return switch (random.nextInt(5)) {
            case 0 -> TextMatch.present(random.nextBoolean());
            case 1 -> TextMatch.prefix(one(VALUES));
            case 2 -> TextMatch.regex(RandomRegex.of(random, 2));
            default -> TextMatch.exact(one(VALUES));
        };
    }

    Caller caller() {
        Caller caller = Caller.unknown();
        caller = random.nextBoolean() ? caller : caller.withZone(one(ZONES));
        caller = random.nextBoolean() ? caller : caller.withVersion(one(VERSIONS));
        return random.nextBoolean() ? caller : caller.withTags(one(NAMES));
    }

    PickContext request() {
        if (random.nextInt(20) == 0) {
            return random.nextBoolean() ? PickContext.none() : PickContext.hashedBy(one(VALUES) + random.nextInt(50));
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header : HEADERS) {
            if (random.nextInt(3) != 0) {
                headers.put(header.toLowerCase(Locale.ROOT), value());
            }
        }
        if (random.nextBoolean()) {
            headers.put("cookie", pairs("; "));
        }
        if (random.nextBoolean()) {
            headers.put("baggage", pairs(random.nextBoolean() ? "," : " ;p=1;q , "));
        }
        String key = random.nextBoolean() ? null : "user-" + random.nextInt(1_000);
        return PickContext.of(new TestRequest(one(METHODS), one(PATHS), headers), key);
    }

    private String pairs(String between) {
        List<String> pairs = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            pairs.add(one(NAMES) + (random.nextInt(5) == 0 ? "" : "=" + pairValue()));
        }
        return String.join(between, pairs);
    }

    private String pairValue() {
        return random.nextInt(4) == 0 ? "a%2D1" : value().replace(" ", "");
    }

    private String value() {
        return random.nextInt(3) == 0 ? RandomRegex.text(random, 5) : one(VALUES) + (random.nextBoolean() ? "" : "7");
    }

    private String one(String[] of) {
        return of[random.nextInt(of.length)];
    }
}
