// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One call of a history: what is asked, how each instance answers it, and what happens to it meanwhile. */
record Plan(
        int number,
        String method,
        boolean hasKey,
        Body body,
        String path,
        boolean onlyIfCached,
        Front front,
        Behind behind,
        Reading reading,
        boolean async,
        int limitMillis,
        boolean isCallTimeout,
        Cancel cancel,
        Change change,
        boolean changesMidway,
        int changed,
        List<Answer> answers,
        Answer hopAnswer) {

    enum Body {
        NONE,
        REPLAYABLE,
        ONE_SHOT,
        UNKNOWN_LENGTH,
        THROWS
    }

    /** What an OkHttp interceptor in front of ours does. */
    enum Front {
        NOTHING,
        TWICE,
        HEADER,
        THROWS_BEFORE,
        THROWS_AFTER
    }

    /** What an OkHttp interceptor behind ours does; the network ones have a connection already. */
    enum Behind {
        NOTHING,
        THROWS,
        ANSWERS_200,
        ANSWERS_503,
        NETWORK_THROWS
    }

    /** How the caller reads; OkHttp knows the first three. */
    enum Reading {
        ALL,
        HALF,
        CLOSE,
        FILE,
        CONSUMER,
        LINES
    }

    enum By {
        NOBODY,
        CANCEL,
        INTERRUPT
    }

    enum When {
        BEFORE,
        ARRIVAL,
        ANSWER,
        LATER
    }

    record Cancel(By by, When when, int millis) {}

    enum Change {
        NONE,
        ADD,
        REMOVE
    }

    /** May be processed more than once. */
    boolean isIdempotent() {
        return hasKey || !method.equals("POST");
    }

    boolean isLocal() {
        return body == Body.THROWS
                || front == Front.THROWS_BEFORE
                || front == Front.THROWS_AFTER
                || behind != Behind.NOTHING;
    }

    boolean hasRedirect() {
        return answers.stream().anyMatch(answer -> answer.kind() == Answer.Kind.REDIRECT);
    }

    @Nullable
    String key() {
        return hasKey ? "key-" + number : null;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder()
                .append(number)
                .append(": ")
                .append(method)
                .append(' ')
                .append(path);
        add(text, hasKey, "Idempotency-Key");
        add(text, body != Body.NONE, "body " + body);
        add(text, onlyIfCached, "only-if-cached");
        add(text, front != Front.NOTHING, "front " + front);
        add(text, behind != Behind.NOTHING, "behind " + behind);
        add(text, reading != Reading.ALL, "reading " + reading);
        add(text, async, "async");
        add(text, limitMillis > 0, (isCallTimeout ? "timeout " : "deadline ") + limitMillis + " ms");
        add(
                text,
                cancel.by() != By.NOBODY,
                cancel.by() + " at " + cancel.when()
                        + (cancel.when() == When.LATER ? " " + cancel.millis() + " ms" : ""));
        add(
                text,
                change != Change.NONE,
                change + " orders-" + (changed + 1) + (changesMidway ? " while it runs" : " before it"));
        text.append("; answers ").append(answers.stream().map(Answer::toString).collect(Collectors.joining(" | ")));
        add(text, hasRedirect(), "after a redirect " + hopAnswer);
        return text.toString();
    }

    private static void add(StringBuilder text, boolean isSaid, String what) {
        if (isSaid) {
            text.append(", ").append(what);
        }
    }
}
