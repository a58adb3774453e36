// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallCopy;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sends the attempts of one OkHttp call so that two can run at once: each is a clone of the call, which comes through the
 * interceptor again and finds there what it is to do. Cancelling the caller's call cancels every clone.
 */
final class ClonedCalls implements Transport<Response> {
    private final Call call;
    private final OkHttpTransport judge;
    private final Map<Call, Clone> expected;
    private final Map<Attempt, Call> clones = new ConcurrentHashMap<>();
    /** Of the responses that came out of clones: those whose attempt ends with a body. */
    private final Set<Response> streaming = ConcurrentHashMap.newKeySet();

    private final Map<Exception, Verdict> verdicts = new ConcurrentHashMap<>();

    /** One clone and the attempt it makes. */
    static final class Clone {
        private final Attempt attempt;
        private final AtomicBoolean made = new AtomicBoolean();
        private volatile boolean isStreaming;
        /** No instance was asked until one was. */
        private volatile Verdict verdict = Verdict.UNKNOWN;

        Clone(Attempt attempt) {
            this.attempt = attempt;
        }

        /** True once: an interceptor in front may send the clone through again, which is then a call like any other. */
        boolean take() {
            return made.compareAndSet(false, true);
        }

        /** In the clone's own chain. */
        Response send(Interceptor.Chain chain, InstanceRoutes routes, Copies copies, Ticker ticker) throws IOException {
            OkHttpTransport own = new OkHttpTransport(chain, chain.request(), routes, copies, ticker);
            Response received;
            try {
                received = own.send(attempt);
            } catch (IOException | RuntimeException broken) {
                book(own.judge(broken));
                throw broken;
            }
            isStreaming = own.isStreaming(received);
            book(own.judge(received));
            return received;
        }

        /** Now, for interceptors in front may make something else of it, and that is not the instance's. */
        private void book(Verdict what) {
            verdict = what;
            // Whether the deadline was behind a cancellation is the pipeline's to say.
            if (what != Verdict.CANCELLED) {
                attempt.complete(what);
            }
        }

        private void bookIfNobodyWasAsked() {
            if (take()) {
                attempt.complete(Verdict.UNKNOWN);
            }
        }
    }

    ClonedCalls(Interceptor.Chain chain, OkHttpTransport judge, Map<Call, Clone> expected) {
        this.call = chain.call();
        this.judge = judge;
        this.expected = expected;
        call.addEventListener(new EventListener() {
            @Override
            public void canceled(Call cancelled) {
                clones.values().forEach(Call::cancel);
            }
        });
    }

    @Override
    public Response send(Attempt attempt) throws IOException {
        Call clone = call.clone();
        Clone sent = new Clone(attempt);
        clones.put(attempt, clone);
        expected.put(clone, sent);
        try {
            if (call.isCanceled()) {
                throw cancelled(null);
            }
            Response response = clone.execute();
            if (sent.isStreaming) {
                streaming.add(response);
            }
            return response;
        } catch (RuntimeException broken) {
            verdicts.put(broken, sent.verdict);
            judge.thrown(broken);
            throw broken;
        } catch (IOException broken) {
            verdicts.put(broken, sent.verdict);
            throw call.isCanceled() ? cancelled(broken) : broken;
        } finally {
            expected.remove(clone);
            sent.bookIfNobodyWasAsked();
        }
    }

    /** In OkHttp's words, whoever saw it first. */
    static IOException cancelled(@Nullable IOException cause) {
        return new IOException("Canceled", cause);
    }

    /** For sending again; what the instance did is booked. */
    @Override
    public int status(Response response) {
        return judge.status(response);
    }

    @Override
    public Verdict judge(Response response) {
        return judge.judge(response);
    }

    @Override
    public Verdict judge(Exception failure) {
        return call.isCanceled() ? Verdict.CANCELLED : verdicts.getOrDefault(failure, Verdict.UNKNOWN);
    }

    @Override
    public void discard(Response response) {
        judge.discard(response);
    }

    @Override
    public boolean isStreaming(Response response) {
        return streaming.contains(response);
    }

    @Override
    public boolean isCancelled() {
        return call.isCanceled();
    }

    @Override
    public CallCopy.Fate copy(CallCopy copy) {
        return judge.copy(copy);
    }

    @Override
    public void abort(Attempt attempt) {
        Call clone = clones.get(attempt);
        if (clone != null) {
            clone.cancel();
        }
    }
}
