// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One call from its first attempt to its last: pick, send, judge, and, while the verdict, the number of attempts, the
 * budget and the deadline allow it, again elsewhere. The last real result is the call's result; running out of instances,
 * budget or time is never an error of its own once there is one. Runs on the caller's thread.
 *
 * @param <R> the client's response
 */
final class AttemptPipeline<R> {
    private static final long BACKOFF_BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long BACKOFF_CAP_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Less time left than this is too little to try again. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Fairlead fairlead;
    private final ServiceList list;
    private final CallSpec spec;
    private final Transport<R> transport;
    private final Environment environment;
    private final int maxAttempts;
    private final long startNanos;

    private @Nullable R response;
    private @Nullable IOException failure;

    AttemptPipeline(
            Fairlead fairlead, ServiceList list, CallSpec spec, Transport<R> transport, BalancerOptions options) {
        this.fairlead = fairlead;
        this.list = list;
        this.spec = spec;
        this.transport = transport;
        this.environment = options.environment();
        this.maxAttempts = options.attempts();
        this.startNanos = environment.ticker().nanos();
    }

    R run() throws IOException {
        list.budget().deposit();
        PickContext context = spec.context();
        Attempt attempt = fairlead.start(list, context, 1);
        while (true) {
            Verdict verdict = send(attempt);
            boolean again = spec.mayResend(verdict)
                    && attempt.number() < maxAttempts
                    && !transport.isCancelled()
                    && pause(verdict, attempt.number());
            if (!again) {
                return result();
            }
            context = context.excluding(attempt.instance());
            Attempt next = another(context, attempt.number() + 1);
            if (next == null) {
                return result();
            }
            dropResponse();
            attempt = next;
        }
    }

    /** One attempt; leaves its response or failure in the fields. */
    private Verdict send(Attempt attempt) throws IOException {
        boolean answered = false;
        try {
            R received = transport.send(attempt);
            answered = true;
            Verdict verdict = transport.judge(received);
            attempt.complete(verdict.outcome());
            response = received;
            return verdict;
        } catch (IOException broken) {
            Verdict verdict = transport.judge(broken);
            attempt.complete(verdict.outcome());
            if (failure != null && failure != broken) {
                broken.addSuppressed(failure);
            }
            failure = broken;
            return verdict;
        } finally {
            if (!answered) {
                attempt.close();
            }
        }
    }

    /** Withdraws from the budget and waits; false when the call must not be sent again. */
    private boolean pause(Verdict verdict, int attempts) throws InterruptedIOException {
        long wait = waitNanos(verdict, attempts);
        if (spec.deadline() != null) {
            long left = spec.deadline().toNanos() - (environment.ticker().nanos() - startNanos);
            if (left - wait < LEAST_NANOS) {
                return false;
            }
        }
        if (!list.budget().tryWithdraw()) {
            environment.listener().onRetryBudgetExhausted(spec.service());
            return false;
        }
        long until = environment.ticker().nanos() + wait;
        for (long left = wait; left > 0; left = until - environment.ticker().nanos()) {
            LockSupport.parkNanos(this, Math.min(left, BACKOFF_BASE_NANOS));
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                dropResponse();
                throw new InterruptedIOException("interrupted while waiting to retry '" + spec.service() + "'");
            }
            if (transport.isCancelled()) {
                return false;
            }
        }
        return true;
    }

    /** What was never processed goes elsewhere at once; the rest waits with full jitter, or as long as the server asked. */
    private long waitNanos(Verdict verdict, int attempts) {
        if (verdict.resend() == Verdict.Resend.ALWAYS) {
            return 0;
        }
        if (verdict.retryAfter() != null) {
            return verdict.retryAfter().toNanos();
        }
        long bound = Math.min(BACKOFF_CAP_NANOS, BACKOFF_BASE_NANOS << (attempts - 1));
        return environment.random().nextLong(bound + 1);
    }

    private @Nullable Attempt another(PickContext context, int number) {
        try {
            return fairlead.start(list, context, number);
        } catch (NoInstanceException everyOneTried) {
            return null;
        }
    }

    private R result() throws IOException {
        if (response != null) {
            return response;
        }
        throw failure != null ? failure : new IOException("call to '" + spec.service() + "' ended without a result");
    }

    /** The earlier result is replaced by the attempt to come. */
    private void dropResponse() {
        if (response != null) {
            transport.discard(response);
            response = null;
        }
    }
}
