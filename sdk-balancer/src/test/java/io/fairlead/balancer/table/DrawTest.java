// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.policy.plain.SplitMix;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the page promises of draws. */
class DrawTest {
    private static final int KEYS = 20_000;
    private static final RandomGenerator NO_CHANCE = () -> {
        throw new AssertionError("keys leave nothing to chance");
    };

    @ParameterizedTest
    @CsvSource({"user-1, 146272", "user-2, 324256"})
    void theDrawHasThePagesGoldenValues(String key, int expected) {
        assertThat(Draw.of(Draw.hash(key), Draw.salt("tenth-of-users", "canary")))
                .isEqualTo(expected);
        assertThat(ReferenceRouter.draw(ReferenceRouter.hash(key), "tenth-of-users/canary"))
                .isEqualTo(expected);
        assertThat(Draw.hash("user-1")).isEqualTo(0xC499B5F8A721DF58L);
    }

    @Test
    void raisingAWeightTakesNoKeyFromItsDestination() {
        for (int place = 0; place < 3; place++) {
            for (int weight = 0; weight < 40; weight += 3) {
                RouteTable before = three(place, weight);
                RouteTable after = three(place, weight + 5);
                String raised = before.subsetName(place);
                assertThat(keys(key -> to(before, key).equals(raised)
                                && !to(after, key).equals(raised)))
                        .as("keys that leave destination %d when %d becomes %d", place, weight, weight + 5)
                        .isZero();
            }
        }
    }

    @Test
    void loweringAWeightGivesItsDestinationNoKey() {
        for (int place = 0; place < 3; place++) {
            RouteTable before = three(place, 30);
            RouteTable after = three(place, 12);
            String lowered = before.subsetName(place);
            assertThat(keys(key ->
                            !to(before, key).equals(lowered) && to(after, key).equals(lowered)))
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.01", "1", "10", "33.3333", "50", "99"})
    void aShareIsWithinFourSigmaOfItsWeight(String weight) {
        double share = Double.parseDouble(weight) / 100;
        int calls = 200_000;
        double sigma = Math.sqrt(calls * share * (1 - share));
        Destination rest = Destination.of(
                "stable",
                BigDecimal.valueOf(100).subtract(new BigDecimal(weight)).toString());
        for (boolean keyed : new boolean[] {true, false}) {
            Rule.Builder rule =
                    Rule.otherwise().to(Destination.of("canary", weight)).to(rest);
            RouteTable table = table(keyed ? rule.by(StickyKey.hashKey()) : rule);
            SplittableRandom random = new SplittableRandom(7);
            int canary = 0;
            for (int i = 0; i < calls; i++) {
                PickContext context = PickContext.hashedBy("user-" + i);
                canary += table.route(context, random, 0).subsetName().equals("canary") ? 1 : 0;
            }
            assertThat((double) canary).as("keyed: %s", keyed).isCloseTo(calls * share, within(4 * sigma + 1));
        }
    }

    @Test
    void theDrawDependsOnSeedAndNamesOnly() {
        RouteTable one =
                table(Rule.otherwise().to("canary", 10).to("stable", 90).by(StickyKey.hashKey()));
        Routes other = Routes.builder()
                .subset("stable", Subset.ofZone("eu"))
                .subset("more", Subset.ofZone("us"))
                .subset("canary", Subset.ofMetadata("a", "b"))
                .rule(Rule.named("renamed")
                        .match(Match.builder().build())
                        .to("canary", 1)
                        .to("stable", 9)
                        .seed("default")
                        .by(StickyKey.hashKey())
                        .build())
                .otherwise(Rule.otherwise().to("more").build())
                .build();
        RouteTable two = RouteTable.of(other, Caller.unknown().withZone("eu"));
        assertThat(keys(key -> !to(one, key).equals(to(two, key)))).isZero();
        RouteTable salted = table(Rule.otherwise()
                .to("canary", 10)
                .to("stable", 90)
                .by(StickyKey.hashKey())
                .seed("other"));
        assertThat((double) keys(
                        key -> to(one, key).equals("canary") && to(salted, key).equals("canary")))
                .as("keys of the canary under two seeds")
                .isCloseTo(KEYS * 0.01, within(4 * Math.sqrt(KEYS * 0.01)));
    }

    @Test
    void aPercentageAndTheDrawBehindItAreIndependent() {
        Routes routes = RouteTableTest.two()
                .rule(Rule.named("half")
                        .match(Match.builder()
                                .percent(Percent.of("10").by(StickyKey.hashKey()))
                                .build())
                        .to("canary", 10)
                        .to("stable", 90)
                        .by(StickyKey.hashKey())
                        .build())
                .otherwise(Rule.otherwise().to("stable").build())
                .build();
        RouteTable table = RouteTable.of(routes, Caller.unknown());
        assertThat((double) keys(key -> to(table, key).equals("canary")))
                .isCloseTo(KEYS * 0.01, within(4 * Math.sqrt(KEYS * 0.01)));
    }

    @Test
    void theKeysOfACanaryLieAllOverARing() {
        RouteTable table =
                table(Rule.otherwise().to("canary", 10).to("stable", 90).by(StickyKey.hashKey()));
        int canary = keys(key -> to(table, key).equals("canary"));
        for (int quarter = 0; quarter < 4; quarter++) {
            int wanted = quarter;
            int there = keys(key -> to(table, key).equals("canary") && SplitMix.hash(key) >>> 62 == wanted);
            assertThat((double) there)
                    .as("the canary's keys in quarter %d of a ring", quarter)
                    .isCloseTo(canary / 4.0, within(4 * Math.sqrt(canary * 3 / 16.0)));
        }
    }

    @Test
    void aCallWithoutTheKeyGoesToTheLastDestinationAndIsCounted() {
        RouteTable table =
                table(Rule.otherwise().to("canary", 99).to("stable", 1).by(StickyKey.hashKey()));
        Lane lane = table.route(PickContext.none(), NO_CHANCE, 0);
        assertThat(lane).hasToString("default -> stable (without a key)");
        lane.count();
        assertThat(table.lanes().get(1).keyless()).isEqualTo(1);
    }

    @Test
    void weightZeroGetsNoKey() {
        RouteTable table = table(
                Rule.otherwise().to("pre", 0).to("canary", 5).to("stable", 0).by(StickyKey.hashKey()));
        assertThat(keys(key -> !to(table, key).equals("canary"))).isZero();
    }

    @Test
    void theSmallestWeightIsAMillionthOrNothing() {
        RouteTable table = table(Rule.otherwise()
                .to(Destination.of("canary", "0.0001"))
                .to("stable", 1_000_000)
                .by(StickyKey.hashKey()));
        assertThat(keys(key -> to(table, key).equals("canary"))).isLessThanOrEqualTo(1);
    }

    @Test
    void raisingTheFirstMovesNoKeyBetweenTheOthers() {
        RouteTable before = three(0, 10);
        RouteTable after = three(0, 20);
        assertThat(keys(key -> !to(before, key).equals(to(after, key))
                        && !to(after, key).equals("canary")))
                .isZero();
    }

    /** Canary, stable and pre with weight 10 each, one of them with another. */
    private static RouteTable three(int place, int weight) {
        return table(Rule.otherwise()
                .to("canary", place == 0 ? weight : 10)
                .to("stable", place == 1 ? weight : 10)
                .to("pre", place == 2 ? weight : 10)
                .by(StickyKey.hashKey()));
    }

    private static RouteTable table(Rule.Builder rule) {
        return RouteTable.of(
                RouteTableTest.two()
                        .subset("pre", Subset.ofTags("pre"))
                        .otherwise(rule.build())
                        .build(),
                Caller.unknown());
    }

    private static String to(RouteTable table, String key) {
        return table.route(PickContext.hashedBy(key), NO_CHANCE, 0).subsetName();
    }

    private static int keys(Predicate<String> wanted) {
        int found = 0;
        for (int i = 0; i < KEYS; i++) {
            found += wanted.test("user-" + i) ? 1 : 0;
        }
        return found;
    }
}
