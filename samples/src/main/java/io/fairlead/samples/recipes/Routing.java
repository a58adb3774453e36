// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.route.TextMatch;
import java.time.Duration;

/**
 * Routes in code, one for each use; each of the same name in {@code resources/routes} says the same in a document. A test shows
 * that they are equal, and where calls go.
 */
public final class Routing {
    private static final StickyKey USER = StickyKey.header("X-User-Id");
    private static final StickyKey SESSION = StickyKey.cookie("sid");

    private Routing() {}

    /** Testers, who send a header, go to the canary. */
    public static Routes canaryByHeader() {
        return toCanary("testers", Match.header("X-User-Tag", "canary"));
    }

    /** The test builds of an app go to the canary. */
    public static Routes canaryByUserAgent() {
        return toCanary("test-app", Match.header("User-Agent", TextMatch.regex("TestApp/v2(\\..*)?")));
    }

    private static Routes toCanary(String name, Match match) {
        return stableAndCanary()
                .rule(Rule.named(name)
                        .match(match)
                        .to("canary")
                        .fallback("stable")
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    /** Calls of a region's users go to the instances there. */
    public static Routes canaryByRegion() {
        return Routes.builder()
                .subset("stable", Subset.ofVersion("v1"))
                .subset("beijing", Subset.ofZone("cn-beijing*"))
                .rule(Rule.named("north")
                        .match(Match.header("X-Region", "beijing"))
                        .to("beijing")
                        .fallback("stable")
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    /** A tenth of the users, always the same ones, go to the canary. */
    public static Routes percentageOfUsers() {
        return stableAndCanary()
                .rule(Rule.named("tenth-of-users")
                        .to("canary", 10)
                        .to("stable", 90)
                        .by(USER)
                        .fallback("stable")
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    /** A tenth of the calls below a path, each drawn by itself, go to the next version. */
    public static Routes ninetyTen() {
        return Routes.builder()
                .subset("v1", Subset.ofVersion("v1"))
                .subset("v2", Subset.ofVersion("v2"))
                .rule(Rule.named("split")
                        .match(Match.pathPrefix("/v1"))
                        .to("v2", 10)
                        .to("v1", 90)
                        .fallback("v1")
                        .build())
                .otherwise(Rule.otherwise().to("v1").build())
                .build();
    }

    /** All calls go to green. */
    public static Routes blueGreen() {
        return blueAndGreen()
                .otherwise(Rule.otherwise().to("green").fallback("blue").build())
                .build();
    }

    /** All calls go to green, within a minute. */
    public static Routes blueGreenRamp() {
        return blueAndGreen()
                .otherwise(Rule.otherwise()
                        .to("green", 100)
                        .to("blue", 0)
                        .ramp(Duration.ofSeconds(60))
                        .fallback("blue")
                        .build())
                .build();
    }

    /** Calls stay in the region of the process that makes them. */
    public static Routes zoneLocal() {
        return Routes.builder()
                .subset("everywhere", Subset.ofZone("*"))
                .subset("beijing", Subset.ofZone("cn-beijing*"))
                .subset("shanghai", Subset.ofZone("cn-shanghai*"))
                .rule(from("in-beijing", "cn-beijing*", "beijing"))
                .rule(from("in-shanghai", "cn-shanghai*", "shanghai"))
                .otherwise(Rule.otherwise().to("everywhere").fallback(Rule.ANY).build())
                .build();
    }

    private static Rule from(String name, String zone, String subset) {
        return Rule.named(name)
                .match(Match.builder().callerZone(zone).build())
                .to(subset)
                .fallback(Rule.ANY)
                .build();
    }

    /** A tenth of the sessions at the canary, and each session at one instance. */
    public static Routes stickySessions() {
        return stableAndCanary()
                .rule(Rule.named("sessions")
                        .match(Match.builder()
                                .cookie("sid", TextMatch.present(true))
                                .build())
                        .to("canary", 10)
                        .to("stable", 90)
                        .by(SESSION)
                        .policy(new RingHashPolicy().keyedBy(SESSION))
                        .fallback("stable")
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    /** Copies of a twentieth of the calls go to instances that are not live yet. */
    public static Routes mirror() {
        return Routes.builder()
                .subset("stable", Subset.ofVersion("v1"))
                .subset("pre", Subset.ofMetadata("env", "pre"))
                .rule(Rule.named("copied")
                        .match(Match.pathPrefix("/v1"))
                        .to("stable")
                        .mirror(Mirror.to("pre").withPercent("5"))
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
    }

    /** A share of the users that changes while calls go on. */
    public static Routes liveWeights(int percent) {
        return stableAndCanary()
                .otherwise(Rule.otherwise()
                        .to("canary", percent)
                        .to("stable", 100 - percent)
                        .by(USER)
                        .fallback("stable")
                        .build())
                .build();
    }

    private static Routes.Builder stableAndCanary() {
        return Routes.builder().subset("stable", Subset.ofVersion("v1")).subset("canary", Subset.ofTags("canary"));
    }

    private static Routes.Builder blueAndGreen() {
        return Routes.builder().subset("blue", Subset.ofTags("blue")).subset("green", Subset.ofTags("green"));
    }
}
