// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The last real result of a call, its response or its failure, and the fallback's turn when that is bad. Belongs to one
 * driver.
 *
 * @param <R> the client's response
 */
final class CallResult<R> {
    private final Judge<R> judge;
    private @Nullable R response;
    private @Nullable Exception failure;
    private @Nullable Verdict verdict;

    CallResult(Judge<R> judge) {
        this.judge = judge;
    }

    /** A response takes the place of an earlier one; earlier failures are forgotten. */
    void answered(R received, Verdict meaning) {
        drop();
        response = received;
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

    /** The earlier response is replaced by the attempt to come. */
    void drop() {
        if (response != null) {
            judge.discard(response);
            response = null;
        }
    }

    @Nullable
    R response() {
        return response;
    }

    Exception failure(CallSpec spec) {
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
    R fallBack(Fallback<R> fallback, AttemptPipeline pipeline, io.fairlead.spi.Environment environment)
            throws Exception {
        R bad = response;
        CallSpec spec = pipeline.spec();
        Duration remaining = pipeline.hasDeadline()
                ? Duration.ofNanos(
                        Math.max(0, pipeline.remainingNanos(environment.ticker().nanos())))
                : null;
        R answer;
        try {
            answer = fallback.answer(
                    new FailedCall<>(spec, bad == null ? failure : null, bad, pipeline.attempts(), remaining));
        } catch (IOException | RuntimeException noAnswer) {
            if (bad != null) {
                environment.listener().onCallbackFailed("fallback of '" + spec.service() + "'", noAnswer);
                return bad;
            }
            Exception original = failure(spec);
            if (noAnswer != original) {
                original.addSuppressed(noAnswer);
            }
            throw original;
        }
        if (answer != bad) {
            drop();
        }
        String reason = bad == null ? failure(spec).getClass().getSimpleName() : String.valueOf(verdict);
        environment.listener().onFallback(spec.service(), reason);
        return answer;
    }
}
