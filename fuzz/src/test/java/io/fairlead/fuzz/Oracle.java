// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.api.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Says what is wrong about a call that is over. One per history, because caches and closed connections outlive a call. */
final class Oracle {
    /** What a busy machine may add to a call. */
    private static final int SLACK_MILLIS = 3_000;

    private final Rig rig;
    private final History history;
    private final Caller caller;
    private final boolean isOkHttp;
    /** The number of the last good answer to a writing request, by path. */
    private final Map<String, Integer> written = new HashMap<>();

    Oracle(Rig rig, History history, Caller caller, boolean isOkHttp) {
        this.rig = rig;
        this.history = history;
        this.caller = caller;
        this.isOkHttp = isOkHttp;
    }

    /** What came after its call was over counts too, when a history ends. */
    List<String> checkLate(List<Board.Call> calls) {
        List<String> wrong = new ArrayList<>();
        for (Board.Call call : calls) {
            processedOnce(call, wrong);
            sentOnce(call, wrong);
            if (!wrong.isEmpty()) {
                wrong.add("late, call " + call.plan);
                call.arrivals.forEach(arrival -> wrong.add("arrived " + arrival));
                break;
            }
        }
        return wrong;
    }

    /**
     * Checks one call.
     *
     * @param together the calls that ran at once, this one among them; outcomes do not say of which they are
     */
    List<String> check(
            Board.Call call, List<Board.Call> together, Seen seen, List<Rig.Heard> heard, boolean wasCancelled) {
        List<String> wrong = new ArrayList<>();
        Plan plan = call.plan;
        boolean isOverdue = plan.limitMillis() > 0 && seen.millis >= plan.limitMillis() * 0.45;
        processedOnce(call, wrong);
        sentOnce(call, wrong);
        namedRight(call, wrong);
        boolean isCutAny = together.size() > 1 && together.stream().anyMatch(other -> other.plan.limitMillis() > 0);
        booked(together, heard, isOverdue || isCutAny, wrong);
        if (seen.failure == null) {
            answered(call, seen, heard, isOverdue || wasCancelled, together.size() > 1, wrong);
        } else {
            failed(call, seen, isOverdue || wasCancelled, wrong);
        }
        if (seen.ends != 1 && seen.failure == null) {
            wrong.add("the caller was told of an end " + seen.ends + " times");
        }
        int longest = SLACK_MILLIS + (plan.limitMillis() > 0 ? plan.limitMillis() : askedMillis(call, heard));
        if (seen.millis > longest) {
            wrong.add("the call took " + seen.millis + " ms (expected: at most " + longest + ")");
        }
        int callbacks = rig.callbacksFailed();
        if (callbacks > 0) {
            wrong.add(callbacks + " callbacks failed");
        }
        return wrong;
    }

    /** A request that may not be repeated, at one place of its way, in one pass of an interceptor. */
    private static void processedOnce(Board.Call call, List<String> wrong) {
        Map<String, Integer> whole = new HashMap<>();
        for (Arrival arrival : call.arrivals) {
            // At an address that is no service's OkHttp is on its own.
            boolean isOkHttps = arrival.isHop()
                    && !arrival.expectedHost().startsWith("orders")
                    && arrival.answer.isOrderToSendAgain();
            boolean counts =
                    arrival.isWhole && !isOkHttps && arrival.method.equals("POST") && !call.plan.isIdempotent();
            if (counts && whole.merge(arrival.pass + " " + arrival.path, 1, Integer::sum) == 2) {
                wrong.add("processed twice, and is not idempotent");
            }
        }
    }

    private void sentOnce(Board.Call call, List<String> wrong) {
        Plan plan = call.plan;
        boolean mayBeOnce = plan.body() == Plan.Body.ONE_SHOT || !isOkHttp && plan.body() == Plan.Body.UNKNOWN_LENGTH;
        if (mayBeOnce && plan.front() != Plan.Front.TWICE && !plan.hasRedirect() && call.written.get() > 1) {
            wrong.add("a body that can be written once was written " + call.written + " times");
        }
        long passes = plan.front() == Plan.Front.TWICE ? 2 : 1;
        // The JDK's client sends a GET again by itself when its connection was dead.
        long most = passes * history.setup().attempts() * (isOkHttp ? 1 : 2);
        long sent = call.arrivals.stream().filter(arrival -> !arrival.isHop()).count();
        if (sent > most && history.setup().hedgeAfterMillis() == 0) {
            wrong.add("sent " + sent + " times (expected: at most " + most + ")");
        }
    }

    private void namedRight(Board.Call call, List<String> wrong) {
        for (Arrival arrival : call.arrivals) {
            if (isOkHttp && !arrival.host.equals(arrival.expectedHost())) {
                wrong.add("Host: " + arrival.host + " (expected: " + arrival.expectedHost() + ")");
            }
        }
    }

    /** No outcome without what makes it so. */
    private void booked(List<Board.Call> calls, List<Rig.Heard> heard, boolean isOverdue, List<String> wrong) {
        TreeSet<String> instances = new TreeSet<>();
        heard.forEach(one -> instances.add(one.instance()));
        for (String id : instances) {
            List<Arrival> arrived = calls.stream()
                    .flatMap(call -> call.arrivals.stream())
                    .filter(arrival -> arrival.instance.equals(id))
                    .toList();
            long good = arrived.stream()
                    .filter(arrival -> arrival.isAnswered && arrival.answer.mayBeSuccess())
                    .count();
            long bad = rig.board.closed(id)
                    + arrived.stream()
                            .filter(arrival -> arrival.answer.mayBeFailure())
                            .count();
            long successes = count(heard, id, Outcome.SUCCESS);
            long failures = count(heard, id, Outcome.FAILURE);
            if (successes > good) {
                wrong.add(id + " is told of as good " + successes + " times, but was so " + good + " times");
            }
            if (failures > bad && !isOverdue) {
                wrong.add(id + " is told of as bad " + failures + " times, but was so " + bad + " times");
            }
            if (count(heard, id, Outcome.UNREACHABLE) > 0 && !refuses(id)) {
                wrong.add(id + " is told of as unreachable, and takes connections");
            }
        }
    }

    /** A connection that is reset before anything was sent counts as none. */
    private boolean refuses(String id) {
        int index = id.startsWith("orders-") ? Integer.parseInt(id.substring(7)) - 1 : -1;
        return index >= 0 && history.setup().instances().get(index) != History.Mode.LISTENS;
    }

    /** How long instances asked to be left alone, when there was nobody else to go to. */
    private int askedMillis(Board.Call call, List<Rig.Heard> heard) {
        boolean isSomebodyElse = call.listed.stream()
                .anyMatch(id -> !refuses(id)
                        && !rig.board.asked(id)
                        && heard.stream().noneMatch(one -> one.instance().equals(id)));
        return 1_000
                * call.arrivals.stream()
                        .filter(arrival -> arrival.instance.equals("billing-1") || !isSomebodyElse)
                        .mapToInt(arrival -> Math.max(0, arrival.answer.retryAfter()))
                        .sum();
    }

    private static long count(List<Rig.Heard> heard, String id, Outcome outcome) {
        return heard.stream()
                .filter(one -> one.instance().equals(id) && one.outcome() == outcome)
                .count();
    }

    private void answered(
            Board.Call call, Seen seen, List<Rig.Heard> heard, boolean isCut, boolean isOneOfMany, List<String> wrong) {
        Plan plan = call.plan;
        Arrival answer = rig.board.answer(seen.answer);
        if (answer == null) {
            boolean isMiss = plan.onlyIfCached() && seen.status == 504;
            boolean isLocal = plan.behind() == Plan.Behind.ANSWERS_200 && seen.status == 200
                    || plan.behind() == Plan.Behind.ANSWERS_503 && seen.status == 503;
            if (!isMiss && !isLocal) {
                wrong.add("an answer that nobody gave");
            }
            return;
        }
        if (seen.status != answer.answer.status()) {
            wrong.add("status " + seen.status + " with an answer that has " + answer.answer.status());
        }
        // That of the hop: a HEAD that is answered with 303 becomes a GET.
        byte[] whole = answer.body;
        byte[] expected = seen.isPartial ? Arrays.copyOf(whole, Math.min(seen.body.length, whole.length)) : whole;
        boolean isCutByServer = answer.answer.kind() == Answer.Kind.TRUNCATED && whole.length > 0;
        // OkHttp keeps an empty body when the thread that reads what is to be kept is interrupted in between.
        boolean isKeptEmpty = seen.isFromCache && seen.body.length == 0 && rig.board.isOfInterrupted(answer);
        if (!isKeptEmpty && !Arrays.equals(expected, seen.body) || isCutByServer && !seen.isPartial) {
            wrong.add("a body of " + seen.body.length + " bytes that is not the answer's " + whole.length);
        }
        boolean isOfThisCall = call.arrivals.contains(answer);
        if (!isOfThisCall && !seen.isFromCache) {
            wrong.add("the answer to another call");
        }
        remember(plan, seen, answer, isOneOfMany, wrong);
        boolean isSure = isOfThisCall && !answer.isHop() && !isCut && plan.behind() == Plan.Behind.NOTHING;
        if (isSure && answer.answer.mayBeSuccess() && count(heard, answer.instance, Outcome.SUCCESS) == 0) {
            wrong.add(answer.instance + " answered well, and nobody was told");
        }
        boolean isBad = answer.answer.kind() == Answer.Kind.WHOLE && answer.answer.mayBeFailure();
        if (isSure && isBad && count(heard, answer.instance, Outcome.FAILURE) == 0) {
            wrong.add(answer.instance + " answered with " + seen.status + ", and nobody was told");
        }
    }

    /** A cache may not give what an answered write has made old. */
    private void remember(Plan plan, Seen seen, Arrival answer, boolean isOneOfMany, List<String> wrong) {
        boolean isOfThisPath = !answer.isHop(); // what a redirect led to is kept under its own
        if (isOfThisPath && seen.isFromCache && answer.sequence < written.getOrDefault(plan.path(), 0)) {
            wrong.add("the cache gave answer " + answer.sequence + ", which is older than the write "
                    + written.get(plan.path()));
        }
        // OkHttp can not write its cache, and does not say so, on a thread that is interrupted.
        boolean writes = !plan.method().equals("GET")
                && !plan.method().equals("HEAD")
                && plan.cancel().by() != Plan.By.INTERRUPT
                // An older answer may come to the cache after the write took it out.
                && !isOneOfMany;
        if (writes && seen.status >= 200 && seen.status < 300 && isOfThisPath) {
            written.put(plan.path(), answer.sequence);
        }
    }

    private void failed(Board.Call call, Seen seen, boolean isCut, List<String> wrong) {
        Plan plan = call.plan;
        Throwable failure = seen.failure;
        if (failure != null && !caller.mayThrow(plan, failure)) {
            wrong.add("threw " + failure + " at " + Arrays.toString(failure.getStackTrace()));
        }
        boolean listensAll = history.setup().instances().stream().allMatch(mode -> mode == History.Mode.LISTENS);
        boolean answersAll = plan.answers().stream().allMatch(Answer::isPlain)
                || call.arrivals.stream().allMatch(arrival -> arrival.answer.isPlain()) && !plan.hasRedirect();
        boolean wereClosed = rig.orders.stream().anyMatch(instance -> rig.board.closed(instance.id) > 0);
        boolean isQuiet = plan.change() == Plan.Change.NONE
                && history.plans().stream().noneMatch(other -> other.change() == Plan.Change.REMOVE);
        if (listensAll
                && answersAll
                && !wereClosed
                && isQuiet
                && !isCut
                && !plan.isLocal()
                && history.setup().hasList()) {
            wrong.add("failed though every instance does well: " + failure);
        }
    }
}
