// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.fuzz.Answer.Kind;
import io.fairlead.fuzz.Answer.Target;
import io.fairlead.fuzz.Plan.Behind;
import io.fairlead.fuzz.Plan.Body;
import io.fairlead.fuzz.Plan.By;
import io.fairlead.fuzz.Plan.Change;
import io.fairlead.fuzz.Plan.Front;
import io.fairlead.fuzz.Plan.Reading;
import io.fairlead.fuzz.Plan.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Makes a history from a seed: the same one each time, for the same features. */
final class Generator {
    static final int INSTANCES = 5;
    private static final List<String> POLICIES = List.of("round_robin", "random", "least_request", "pick_first");
    private static final int[] REDIRECTS = {301, 302, 303, 307, 308};
    private static final int[] BAD = {500, 502, 503, 503, 504, 429, 408, 404};

    private final long seed;
    private final RandomGenerator random;
    private final Set<Feature> on;
    private final boolean isOkHttp;
    private boolean hasCache;
    private int known;

    Generator(long seed, Set<Feature> on, boolean isOkHttp) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.on = on;
        this.isOkHttp = isOkHttp;
    }

    History history() {
        known = 2 + random.nextInt(INSTANCES - 1);
        List<History.Mode> modes = new ArrayList<>();
        for (int i = 0; i < known; i++) {
            int dice = random.nextInt(16);
            modes.add(dice == 0 ? History.Mode.REFUSES : dice == 1 ? History.Mode.RESETS : History.Mode.LISTENS);
        }
        hasCache = chance(Feature.CACHE, 3);
        History.Setup setup = new History.Setup(
                List.copyOf(modes),
                POLICIES.get(random.nextInt(POLICIES.size())),
                1 + random.nextInt(3),
                chance(Feature.HEDGING, 3) ? 5 + random.nextInt(20) : 0,
                hasCache,
                random.nextInt(6) > 0,
                !chance(Feature.NO_LIST, 25),
                together());
        int count = setup.hasList() ? 3 + random.nextInt(10) : 1;
        List<Plan> plans = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            plans.add(plan(i, setup));
        }
        return new History(seed, setup, List.copyOf(plans));
    }

    /** From a source of its own, so that a seed means the same calls as before. */
    private int together() {
        RandomGenerator own = new SplittableRandom(~seed);
        return own.nextInt(3) == 0 && on.contains(Feature.OVERLAP) ? 2 + own.nextInt(3) : 1;
    }

    private Plan plan(int number, History.Setup setup) {
        String method = one("GET", "GET", "GET", "HEAD", "PUT", "POST", "POST", "DELETE");
        boolean hasKey = method.equals("POST") && random.nextInt(3) == 0;
        Body body = method.equals("PUT") || method.equals("POST") ? body() : Body.NONE;
        // A local trouble goes with good instances often enough that nothing else hides it.
        boolean allGood = random.nextInt(3) == 0;
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            answers.add(allGood ? good() : answer(setup.follows()));
        }
        Answer hop = random.nextInt(3) > 0 ? good() : bad();
        Plan.Cancel cancel = cancel();
        boolean waits = !setup.hasList()
                || answers.stream().anyMatch(Generator::takesTime)
                || takesTime(hop)
                || setup.hedgeAfterMillis() > 0;
        int limit = waits || random.nextInt(4) == 0 ? 60 + random.nextInt(200) : 0;
        Change change = chance(Feature.LIST_CHANGES, 6) ? one(Change.ADD, Change.REMOVE) : Change.NONE;
        return new Plan(
                number,
                method,
                hasKey,
                body,
                "/r" + random.nextInt(hasCache ? 2 : 50),
                hasCache && method.equals("GET") && chance(Feature.ONLY_IF_CACHED, 4),
                front(),
                behind(),
                reading(),
                random.nextBoolean(),
                limit,
                random.nextBoolean(),
                cancel,
                change,
                random.nextBoolean(),
                random.nextInt(known),
                List.copyOf(answers),
                hop);
    }

    private static boolean takesTime(Answer answer) {
        return answer.kind() == Kind.HANGS || answer.kind() == Kind.SLOW;
    }

    private Body body() {
        int dice = random.nextInt(8);
        if (dice == 0 && on.contains(Feature.BODY_THROWS)) {
            return Body.THROWS;
        }
        if (dice <= 2 && on.contains(Feature.BODY_ONE_SHOT)) {
            return dice == 1 ? Body.ONE_SHOT : Body.UNKNOWN_LENGTH;
        }
        return dice == 3 ? Body.NONE : Body.REPLAYABLE;
    }

    private Answer good() {
        Kind kind = one(Kind.WHOLE, Kind.WHOLE, Kind.WHOLE, Kind.CHUNKED, Kind.CHUNKED, Kind.CLOSES);
        return new Answer(kind, random.nextInt(12) == 0 ? 204 : 200, -1, size(), null);
    }

    private Answer bad() {
        int dice = random.nextInt(12);
        return switch (dice) {
            case 0 -> new Answer(Kind.RESET_UNREAD, 0, -1, 0, null);
            case 1 -> new Answer(Kind.RESET_READ, 0, -1, 0, null);
            case 2 -> new Answer(Kind.HANGS, 0, -1, 0, null);
            case 3 -> new Answer(Kind.TRUNCATED, 200, -1, 2_000 + size(), null);
            case 4, 5 -> new Answer(Kind.SLOW, 200, -1, size(), null);
            default -> {
                int status = BAD[random.nextInt(BAD.length)];
                boolean says = (status == 503 || status == 429) && random.nextBoolean();
                boolean isLong = random.nextBoolean();
                says &= on.contains(isLong ? Feature.RETRY_AFTER_SECONDS : Feature.RETRY_AFTER_ZERO);
                yield new Answer(Kind.WHOLE, status, says ? isLong ? 4 : 0 : -1, size(), null);
            }
        };
    }

    private Answer answer(boolean follows) {
        int dice = random.nextInt(10);
        if (dice < 5) {
            return good();
        }
        if (dice == 5) {
            Target target = Target.values()[random.nextInt(Target.values().length)];
            if (on.contains(Feature.valueOf("REDIRECT_" + target)) || !follows) {
                return new Answer(Kind.REDIRECT, REDIRECTS[random.nextInt(REDIRECTS.length)], -1, size(), target);
            }
        }
        return bad();
    }

    private int size() {
        return random.nextInt(8) == 0 ? 20_000 + random.nextInt(100_000) : random.nextInt(1_000);
    }

    private Front front() {
        return switch (random.nextInt(12)) {
            case 0, 1 -> on.contains(Feature.FRONT_TWICE) ? Front.TWICE : Front.NOTHING;
            case 2 -> on.contains(Feature.FRONT_HEADER) ? Front.HEADER : Front.NOTHING;
            case 3 -> on.contains(Feature.FRONT_THROWS) ? one(Front.THROWS_BEFORE, Front.THROWS_AFTER) : Front.NOTHING;
            default -> Front.NOTHING;
        };
    }

    private Behind behind() {
        return switch (random.nextInt(16)) {
            case 0 -> on.contains(Feature.BEHIND_THROWS) ? Behind.THROWS : Behind.NOTHING;
            case 1 ->
                on.contains(Feature.BEHIND_ANSWERS) ? one(Behind.ANSWERS_200, Behind.ANSWERS_503) : Behind.NOTHING;
            case 2 -> on.contains(Feature.NETWORK_THROWS) ? Behind.NETWORK_THROWS : Behind.NOTHING;
            default -> Behind.NOTHING;
        };
    }

    private Reading reading() {
        if (isOkHttp || !on.contains(Feature.SINKS)) {
            return one(Reading.ALL, Reading.ALL, Reading.ALL, Reading.HALF, Reading.CLOSE);
        }
        return one(
                Reading.ALL, Reading.ALL, Reading.HALF, Reading.CLOSE, Reading.FILE, Reading.CONSUMER, Reading.LINES);
    }

    private Plan.Cancel cancel() {
        int dice = random.nextInt(8);
        By by = By.NOBODY;
        if (dice == 0 && on.contains(Feature.CANCEL)) {
            by = By.CANCEL;
        } else if (dice == 1 && on.contains(Feature.INTERRUPT)) {
            by = By.INTERRUPT;
        }
        return new Plan.Cancel(by, one(When.BEFORE, When.ARRIVAL, When.ANSWER, When.LATER), random.nextInt(30));
    }

    private boolean chance(Feature feature, int outOf) {
        boolean isDue = random.nextInt(outOf) == 0;
        return isDue && on.contains(feature);
    }

    @SafeVarargs
    private <T> T one(T... of) {
        return of[random.nextInt(of.length)];
    }
}
