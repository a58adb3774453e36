// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.api.CallEvent;
import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fallback;
import io.fairlead.balancer.Fallback.FailedCall;
import io.fairlead.balancer.Judge;
import io.fairlead.balancer.Verdict;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The last real result of a call, its response or its failure, and the fallback's turn when that is bad. Belongs to one
 * driver.
 *
 * @param <R> the client's response
 */
final class CallResult<R> {
    private static final String NO_VERDICT = "the client's judge said nothing (expected: a Verdict, not null)";

    private final Judge<R> judge;
    private final CallSpec spec;
    private final Environment environment;
    private @Nullable R response;
    private @Nullable Exception failure;
    private @Nullable Verdict verdict;
    private boolean isFallback;
    /** Of the response at hand, 0 when there is none or the client does not say. */
    private int status;

    CallResult(Judge<R> judge, CallSpec spec, Environment environment) {
        this.judge = judge;
        this.spec = spec;
        this.environment = environment;
    }

    /** A response takes the place of an earlier one; earlier failures are forgotten. */
    void answered(R received, Verdict meaning, int code) {
        drop();
        response = received;
        status = code;
        verdict = meaning;
    }

    /** A failure takes the place of an earlier result; an earlier failure is suppressed in it. */
    void failed(Exception broken, Verdict meaning) {
        drop();
        if (failure != null && failure != broken) {
            broken.addSuppressed(failure);
        }
        failure = broken;
        verdict = meaning;
    }

    /** Closes the response at hand: another attempt follows. */
    void drop() {
        R unwanted = response;
        response = null;
        status = 0;
        if (unwanted != null) {
            discard(unwanted);
        }
    }

    /** Closes a response that is not needed. What the client throws then is told and does not become the call's result. */
    void discard(R unwanted) {
        try {
            judge.discard(unwanted);
        } catch (Throwable own) {
            tell("discard", own);
        }
    }

    /** What a response means. */
    Verdict judge(R received) {
        return Objects.requireNonNull(judge.judge(received), NO_VERDICT);
    }

    /** The status of a response; 0 when the client does not say, or throws. */
    int status(R received) {
        try {
            return judge.status(received);
        } catch (Throwable own) {
            tell("judge", own);
            return 0;
        }
    }

    /** The call is over: tells what its caller gets, the result at hand. Only the first end of a call is told. */
    void over(AttemptPipeline pipeline) {
        Verdict last = verdict;
        if (isFallback) {
            pipeline.over(CallEvent.Result.FALLBACK, status, null);
        } else if (response == null || last == null) {
            over(pipeline, failure());
        } else {
            boolean isBad = last.outcome().isFailure() || last.resend() != Verdict.Resend.NEVER;
            pipeline.over(isBad ? CallEvent.Result.FAILURE : CallEvent.Result.SUCCESS, status, null);
        }
    }

    /** The call is over, and its caller is thrown this. */
    void over(AttemptPipeline pipeline, Throwable thrown) {
        pipeline.over(meaning(thrown), 0, thrown);
    }

    private CallEvent.Result meaning(Throwable thrown) {
        if (thrown instanceof NoInstanceException) {
            return CallEvent.Result.NO_INSTANCE;
        }
        if (thrown instanceof CallRejectedException rejection) {
            return rejection.attempts() == 0 ? CallEvent.Result.REJECTED : CallEvent.Result.FAILURE;
        }
        boolean isGivenUp = thrown.getCause() instanceof InterruptedException
                || thrown.getCause() instanceof CancellationException
                || thrown == failure && verdict == Verdict.CANCELLED;
        return isGivenUp ? CallEvent.Result.CANCELLED : CallEvent.Result.FAILURE;
    }

    /** What a failure means, also when it is a timeout that the client calls a cancellation. */
    Verdict judge(Attempt attempt, Exception broken, AttemptPipeline pipeline) {
        Verdict said = judge(broken);
        return said == Verdict.CANCELLED && isWaitingForUs(attempt) ? said : pipeline.judged(attempt, said);
    }

    /** Whether an attempt that is cut was waiting for this side, so that its instance did nothing wrong. */
    boolean isWaitingForUs(Attempt attempt) {
        try {
            return judge.isWaitingForUs(attempt);
        } catch (Throwable own) {
            tell("judge", own);
            return false;
        }
    }

    /** What the client's judge says of a failure; when the judge throws or answers null, a verdict that says nothing. */
    private Verdict judge(Exception broken) {
        try {
            return Objects.requireNonNull(judge.judge(broken), NO_VERDICT);
        } catch (Throwable own) {
            tell("judge", own);
            return Verdict.UNKNOWN;
        }
    }

    /** A client must not answer null. */
    static Exception nothing() {
        return new IllegalStateException("the client completed without a response (expected: one, not null)");
    }

    @Nullable
    R response() {
        return response;
    }

    Exception failure() {
        return failure != null ? failure : new IOException("call to '" + spec.service() + "' ended without a result");
    }

    /** Whether a fallback is to answer instead: not after success, 4xx, or the caller's own change of mind. */
    boolean isBad() {
        if (response != null) {
            return verdict != null && verdict.outcome().isFailure();
        }
        boolean isLocal = failure instanceof CallRejectedException || failure instanceof NoInstanceException;
        return isLocal || verdict != null && verdict != Verdict.CANCELLED && failure instanceof IOException;
    }

    /** Asks the fallback; its answer, or the bad result when it has none. */
    R fallBack(Fallback<R> fallback, AttemptPipeline pipeline) throws Exception {
        R bad = response;
        Duration remaining = pipeline.hasDeadline()
                ? Duration.ofNanos(
                        Math.max(0, pipeline.remainingNanos(environment.ticker().nanos())))
                : null;
        R answer;
        try {
            answer = fallback.answer(
                    new FailedCall<>(spec, bad == null ? failure : null, bad, pipeline.attempts(), remaining));
            Objects.requireNonNull(answer, "the fallback's answer");
        } catch (Throwable noAnswer) {
            if (bad != null) {
                tell("fallback", noAnswer);
                return bad;
            }
            Exception original = failure();
            if (noAnswer != original) {
                original.addSuppressed(noAnswer);
            }
            throw original;
        }
        if (answer != bad) {
            drop();
        }
        String reason = bad == null ? failure().getClass().getSimpleName() : String.valueOf(verdict);
        isFallback = true;
        environment.listener().onFallback(spec.service(), reason);
        return answer;
    }

    private void tell(String callback, Throwable failure) {
        environment.listener().onCallbackFailed(callback + " of '" + spec.service() + "'", failure);
    }
}
