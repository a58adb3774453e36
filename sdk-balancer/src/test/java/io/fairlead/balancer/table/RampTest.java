// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** How weights that changed are reached. */
class RampTest {
    private static final int KEYS = 20_000;
    private static final List<String> ABCDE = List.of("a", "b", "c", "d", "e");
    private static final Caller CALLER = Caller.unknown();
    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void sharesMoveLinearlyFromThoseBeforeToThoseNow() {
        RouteTable table = weights(50, 50).under(weights(10, 90), seconds(1_000));
        assertThat(table.shares("default", seconds(1_000)).get("canary")).isCloseTo(0.1, within(1e-9));
        assertThat(table.shares("default", seconds(1_030)).get("canary")).isCloseTo(0.3, within(1e-9));
        assertThat(table.shares("default", seconds(1_060)).get("canary")).isCloseTo(0.5, within(1e-9));
        assertThat(table.shares("default", seconds(9_000)).get("canary")).isCloseTo(0.5, within(1e-9));
        assertThat((double) keys(key -> to(table, key, 1_030).equals("canary")))
                .isCloseTo(0.3 * KEYS, within(4 * Math.sqrt(KEYS * 0.3 * 0.7)));
    }

    @Test
    void atItsBeginKeysGoWhereTheyWentAndAtItsEndWhereTheyGoWithoutIt() {
        RouteTable before = weights(10, 90);
        RouteTable after = weights(50, 50);
        RouteTable ramp = after.under(before, seconds(5));
        assertThat(keys(key -> !to(ramp, key, 5).equals(to(before, key, 5)))).isZero();
        assertThat(keys(key -> !to(ramp, key, 65).equals(to(after, key, 65)))).isZero();
    }

    @Test
    void noKeyGoesBackWhileARampIsUnderWay() {
        RouteTable up = three(60, 20, 20).under(three(10, 70, 20), 0);
        RouteTable down = three(10, 70, 20).under(three(60, 20, 20), 0);
        assertThat(keys(key -> changes(up, key) > 1 || changes(down, key) > 1)).isZero();
        assertThat(keys(key -> changes(up, key) == 1)).isGreaterThan(KEYS * 2 / 5);
    }

    /** How often a key comes to the canary or leaves it in a minute. */
    private int changes(RouteTable table, String key) {
        int changes = 0;
        boolean was = to(table, key, 0).equals("canary");
        for (int second = 3; second <= 60; second += 3) {
            boolean is = to(table, key, second).equals("canary");
            changes += is == was ? 0 : 1;
            was = is;
        }
        return changes;
    }

    @Test
    void aDestinationThatIsNoLongerThereFades() {
        Routes.Builder two =
                Routes.builder().subset("blue", Subset.ofTags("blue")).subset("green", Subset.ofTags("green"));
        RouteTable blue = RouteTable.of(
                two.otherwise(rule().to("blue").fallback("green").build()).build(), CALLER);
        RouteTable green = RouteTable.of(
                        two.otherwise(rule().to("green").fallback("blue").build())
                                .build(),
                        CALLER)
                .under(blue, 0);
        assertThat(keys(key -> !to(green, key, 0).equals("blue"))).isZero();
        assertThat((double) keys(key -> to(green, key, 15).equals("green")))
                .isCloseTo(KEYS / 4.0, within(4 * Math.sqrt(KEYS * 3 / 16.0)));
        assertThat(keys(key -> !to(green, key, 60).equals("green"))).isZero();
        assertThat(green.lanes()).extracting(Lane::subsetName).containsExactly("green", "blue");
    }

    /** Of any split any part is taken away, at the front, in the middle or at the end, and others get other weights. */
    @Test
    void whenADestinationIsTakenAwayNoKeyMovesAtOnceNoneGoesBackAndItsShareFadesLinearly() {
        for (int seed = 0; seed < 60; seed++) {
            SplittableRandom drawn = new SplittableRandom(seed);
            List<String> names = ABCDE.subList(0, 3 + drawn.nextInt(3));
            String gone = names.get(drawn.nextInt(names.size()));
            long[] weights = drawn.longs(names.size(), 1, 100).toArray();
            RouteTable before = RouteTable.of(split(ABCDE, names, weights, ""), CALLER);
            RouteTable after = RouteTable.of(split(ABCDE, names, weights, gone), CALLER);
            RouteTable ramp = after.under(before, 0);
            double share = (double) weights[names.indexOf(gone)]
                    / Arrays.stream(weights).sum();
            int left = 0;
            for (int i = 0; i < 2_000; i++) {
                String key = "user-" + i;
                String first = to(before, key, 0);
                assertThat(to(ramp, key, 0))
                        .as("seed %d, %s at the begin", seed, key)
                        .isEqualTo(first);
                left += to(ramp, key, 30).equals(gone) ? 1 : 0;
                assertThat(moves(ramp, key)).as("seed %d, %s", seed, key).doesNotHaveDuplicates();
                assertThat(to(ramp, key, 60))
                        .as("seed %d, %s at the end", seed, key)
                        .isEqualTo(to(after, key, 60));
            }
            assertThat((double) left)
                    .as("seed %d, half way", seed)
                    .isCloseTo(2_000 * share / 2, within(4 * Math.sqrt(2_000 * share / 2)));
        }
    }

    /** The last takes the rest: of what the middle one gives up the first takes nothing that was not its own. */
    @Test
    void whenOneInTheMiddleIsTakenAwayAndItsShareGoesToTheNextNoOtherKeyMoves() {
        RouteTable before = three(20, 30, 50);
        RouteTable after =
                keyed(Rule.otherwise().to("canary", 20).to("pre", 80)).under(before, 0);
        assertThat(keys(key -> to(before, key, 0).equals("stable"))).isGreaterThan(KEYS / 4);
        for (int second = 0; second <= 60; second += 6) {
            int now = second;
            assertThat(keys(key -> !to(before, key, 0).equals("stable")
                            && !to(after, key, now).equals(to(before, key, 0))))
                    .isZero();
        }
        assertThat((double) keys(key -> to(after, key, 30).equals("stable")))
                .isCloseTo(KEYS * 0.15, within(4 * Math.sqrt(KEYS * 0.15)));
    }

    @Test
    void ofASubsetThatIsDefinedNoMoreTheKeysMoveAtOnceAndNoOthersDo() {
        List<String> names = List.of("a", "b", "c");
        long[] weights = {20, 30, 50};
        RouteTable before = RouteTable.of(split(names, names, weights, ""), CALLER);
        RouteTable after = RouteTable.of(split(List.of("a", "c"), names, weights, "b"), CALLER)
                .under(before, 0);
        assertThat(keys(key ->
                        !to(before, key, 0).equals("b") && !to(after, key, 0).equals(to(before, key, 0))))
                .isZero();
    }

    @Test
    void aRampInWhichOneInTheMiddleFadesGoesOnUnderATableThatSaysTheSame() {
        RouteTable running =
                keyed(Rule.otherwise().to("canary", 20).to("pre", 80)).under(three(20, 30, 50), 0);
        RouteTable again =
                keyed(Rule.otherwise().to("canary", 20).to("pre", 80)).under(running, seconds(30));
        assertThat(again.shares("default", seconds(45)).get("stable")).isCloseTo(0.075, within(1e-9));
        RouteTable back = three(20, 30, 50).under(running, seconds(30));
        assertThat(keys(key -> !to(back, key, 30).equals(to(running, key, 30)))).isZero();
    }

    /** The destinations of a key in a minute, each as often as the key comes to it. */
    private List<String> moves(RouteTable table, String key) {
        List<String> moves = new ArrayList<>();
        for (int second = 0; second <= 60; second += 3) {
            String now = to(table, key, second);
            if (moves.isEmpty() || !moves.get(moves.size() - 1).equals(now)) {
                moves.add(now);
            }
        }
        return moves;
    }

    private static Routes split(List<String> defined, List<String> names, long[] weights, String without) {
        Routes.Builder routes = Routes.builder();
        defined.forEach(name -> routes.subset(name, Subset.ofTags(name)));
        Rule.Builder rule = rule();
        for (int i = 0; i < names.size(); i++) {
            if (!names.get(i).equals(without)) {
                rule.to(names.get(i), weights[i]);
            }
        }
        return routes.otherwise(rule.build()).build();
    }

    @Test
    void callsWithoutAKeyMoveToTheNewLastOneToo() {
        RouteTable before = keyed(Rule.otherwise().to("stable", 1).to("canary", 2));
        RouteTable after =
                keyed(Rule.otherwise().to("canary", 1).to("stable", 2)).under(before, 0);
        int canary = 0;
        for (int i = 0; i < 10_000; i++) {
            Lane lane = after.route(PickContext.none(), random, seconds(15));
            assertThat(lane.isKeyless()).isTrue();
            canary += lane.subsetName().equals("canary") ? 1 : 0;
        }
        assertThat((double) canary).isCloseTo(7_500, within(4 * Math.sqrt(10_000 * 3 / 16.0)));
        assertThat(after.route(PickContext.none(), random, seconds(60)).subsetName())
                .isEqualTo("stable");
    }

    @Test
    void aTableThatSaysTheSameLetsARampGoOn() {
        RouteTable running = weights(50, 50).under(weights(10, 90), 0);
        RouteTable again = weights(50, 50).under(running, seconds(30));
        assertThat(again.shares("default", seconds(45)).get("canary")).isCloseTo(0.4, within(1e-9));
        RouteTable twice = weights(1, 1).under(again, seconds(45));
        assertThat(twice.shares("default", seconds(60)).get("canary")).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void anotherChangeStartsFromWhereARampStands() {
        RouteTable running = weights(50, 50).under(weights(10, 90), 0);
        RouteTable back = weights(0, 100).under(running, seconds(30));
        assertThat(back.shares("default", seconds(30)).get("canary")).isCloseTo(0.3, within(1e-9));
        assertThat(back.shares("default", seconds(60)).get("canary")).isCloseTo(0.15, within(1e-9));
        assertThat(back.shares("default", seconds(90))).isEqualTo(Map.of("stable", 1.0));
    }

    @Test
    void withoutARampAndForNewRulesAChangeIsAtOnce() {
        RouteTable first = weights(50, 50);
        assertThat(first.shares("default", 0).get("canary")).isEqualTo(0.5);
        RouteTable atOnce = RouteTable.of(
                        RouteTableTest.two()
                                .otherwise(Rule.otherwise().to("canary").build())
                                .build(),
                        CALLER)
                .under(first, 0);
        assertThat(atOnce.shares("default", 0)).isEqualTo(Map.of("canary", 1.0));
        assertThat(atOnce.shares("none", 0)).isEmpty();
    }

    @Test
    void aSubsetThatIsDefinedNoMoreCanNotFade() {
        RouteTable before = RouteTable.of(
                Routes.builder()
                        .subset("old", Subset.ofTags("old"))
                        .otherwise(rule().to("old").build())
                        .build(),
                CALLER);
        RouteTable after = weights(10, 90).under(before, 0);
        assertThat(after.shares("default", 0).get("canary")).isEqualTo(0.1);
        assertThat(after.lanes()).extracting(Lane::subsetName).containsExactly("canary", "stable");
    }

    @Test
    void aRampWhoseDestinationsChangeTheirOrderStartsFromWhereItStands() {
        RouteTable running = weights(20, 80).under(weights(90, 10), 0);
        RouteTable turned =
                keyed(Rule.otherwise().to("stable", 80).to("canary", 20)).under(running, seconds(30));
        assertThat(turned.shares("default", seconds(30)).get("canary")).isCloseTo(0.55, within(1e-9));
        assertThat(turned.shares("default", seconds(90)).get("canary")).isCloseTo(0.2, within(1e-9));
    }

    private static RouteTable weights(long canary, long stable) {
        return keyed(Rule.otherwise().to("canary", canary).to("stable", stable));
    }

    private static RouteTable three(long canary, long stable, long pre) {
        return keyed(Rule.otherwise().to("canary", canary).to("stable", stable).to("pre", pre));
    }

    private static RouteTable keyed(Rule.Builder rule) {
        return RouteTable.of(
                RouteTableTest.two()
                        .subset("pre", Subset.ofTags("pre"))
                        .otherwise(rule.by(StickyKey.hashKey())
                                .ramp(Duration.ofSeconds(60))
                                .build())
                        .build(),
                CALLER);
    }

    private static Rule.Builder rule() {
        return Rule.otherwise().by(StickyKey.hashKey()).ramp(Duration.ofSeconds(60));
    }

    private String to(RouteTable table, String key, long second) {
        return table.route(PickContext.hashedBy(key), random, seconds(second)).subsetName();
    }

    private static int keys(Predicate<String> wanted) {
        int found = 0;
        for (int i = 0; i < KEYS; i++) {
            found += wanted.test("user-" + i) ? 1 : 0;
        }
        return found;
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
