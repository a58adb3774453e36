// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a call means: success, failure, or nothing to learn from. An immutable value, safe for any thread if its
 * predicates are; start from {@link #defaults()}.
 *
 * <p>By default whatever is thrown is a failure, except what says nothing about the called side: a cancelled or interrupted
 * call, and a rejection on this side: by another breaker, by a stage of the balancer's pipeline before anything was sent
 * ({@link CallRejectedException#attempts}), or because no instance is known. The last three are recognised as the cause of
 * other exceptions too, up to eight deep, and cancellation and interruption as that of an {@link IOException}, which is how
 * clients carry them. Once something is recorded by name or predicate, everything else thrown is a success. Ignoring wins over
 * recording, and recording over the default: {@code recording(CancellationException.class)}
 * makes cancellations failures. A {@link CompletionException} or {@link ExecutionException} is judged by its cause, one
 * level deep.
 */
public final class Classification {
    private static final int MOST_WRAPPERS = 8;
    private static final Classification DEFAULTS = new Classification(List.of(), List.of(), List.of());

    private final List<Predicate<? super Throwable>> recorded;
    private final List<Predicate<? super Throwable>> ignored;
    private final List<Predicate<@Nullable Object>> badResults;

    private Classification(
            List<Predicate<? super Throwable>> recorded,
            List<Predicate<? super Throwable>> ignored,
            List<Predicate<@Nullable Object>> badResults) {
        this.recorded = recorded;
        this.ignored = ignored;
        this.badResults = badResults;
    }

    /** Every result is a success, everything thrown a failure but cancellation, interruption and local rejection. */
    public static Classification defaults() {
        return DEFAULTS;
    }

    /** Also takes exceptions of this type, subtypes included, for failures; the first such call excludes all others. */
    public Classification recording(Class<? extends Throwable> type) {
        return recordingIf(type::isInstance);
    }

    /** Also takes exceptions that pass the test for failures; the first such call excludes all others. */
    public Classification recordingIf(Predicate<? super Throwable> test) {
        return new Classification(with(recorded, test), ignored, badResults);
    }

    /** Does not learn from exceptions of this type, subtypes included. */
    public Classification ignoring(Class<? extends Throwable> type) {
        return ignoringIf(type::isInstance);
    }

    /** Does not learn from exceptions that pass the test. */
    public Classification ignoringIf(Predicate<? super Throwable> test) {
        return new Classification(recorded, with(ignored, test), badResults);
    }

    /** Takes results that pass the test for failures; the test is given null when the call returned null. */
    public Classification failingOn(Predicate<@Nullable Object> test) {
        return new Classification(recorded, ignored, with(badResults, test));
    }

    /** What this end of a call means. Throws what a predicate throws. */
    Outcome classify(@Nullable Object result, @Nullable Throwable thrown) {
        if (thrown == null) {
            return badResults.stream().anyMatch(test -> test.test(result)) ? Outcome.FAILURE : Outcome.SUCCESS;
        }
        Throwable cause = unwrapped(thrown);
        if (ignored.stream().anyMatch(test -> test.test(cause))) {
            return Outcome.IGNORED;
        }
        if (recorded.stream().anyMatch(test -> test.test(cause))) {
            return Outcome.FAILURE;
        }
        if (saysNothing(cause)) {
            return Outcome.IGNORED;
        }
        return recorded.isEmpty() ? Outcome.FAILURE : Outcome.SUCCESS;
    }

    private static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown.getCause();
        boolean wraps = thrown instanceof CompletionException || thrown instanceof ExecutionException;
        return wraps && cause != null ? cause : thrown;
    }

    /** HTTP clients and what stands on them wrap it in exceptions of their own, some of them twice. */
    private static boolean saysNothing(Throwable thrown) {
        boolean isCarried = true;
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MOST_WRAPPERS; depth++) {
            if (isLocal(cause) || isCarried && isGivenUp(cause)) {
                return true;
            }
            isCarried = cause instanceof IOException;
            cause = cause.getCause();
        }
        return false;
    }

    private static boolean isGivenUp(Throwable cause) {
        return cause instanceof InterruptedException || cause instanceof CancellationException;
    }

    private static boolean isLocal(Throwable cause) {
        return cause instanceof CallNotPermittedException
                || cause instanceof CallRejectedException rejected && rejected.attempts() == 0
                || cause instanceof NoInstanceException;
    }

    private static <T> List<T> with(List<T> list, T last) {
        List<T> longer = new ArrayList<>(list);
        longer.add(last);
        return List.copyOf(longer);
    }
}
