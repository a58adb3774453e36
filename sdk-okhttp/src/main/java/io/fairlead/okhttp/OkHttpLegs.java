// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import java.io.IOException;
import java.util.Map;
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
final class OkHttpLegs implements Transport<Response> {
    private final Call call;
    private final OkHttpTransport judge;
    private final Map<Call, Leg> expected;
    private final Map<Attempt, Call> clones = new ConcurrentHashMap<>();
    private final Map<Exception, Verdict> verdicts = new ConcurrentHashMap<>();

    /** One clone and the attempt it makes. */
    static final class Leg {
        private final Attempt attempt;
        private final AtomicBoolean made = new AtomicBoolean();
        private volatile @Nullable OkHttpTransport transport;

        Leg(Attempt attempt) {
            this.attempt = attempt;
        }

        /** True once: an interceptor in front may send the clone through again, which is then a call like any other. */
        boolean take() {
            return made.compareAndSet(false, true);
        }

        /** In the clone's own chain. */
        Response send(Interceptor.Chain chain, InstanceRoutes routes) throws IOException {
            OkHttpTransport own = new OkHttpTransport(chain, chain.request(), routes);
            transport = own;
            return own.send(attempt);
        }

        Verdict judge(IOException failure) {
            OkHttpTransport own = transport;
            return own == null ? Verdict.UNKNOWN : own.judge(failure);
        }
    }

    OkHttpLegs(Interceptor.Chain chain, OkHttpTransport judge, Map<Call, Leg> expected) {
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
        Leg leg = new Leg(attempt);
        clones.put(attempt, clone);
        expected.put(clone, leg);
        try {
            if (call.isCanceled()) {
                throw new IOException("Canceled");
            }
            return clone.execute();
        } catch (IOException broken) {
            verdicts.put(broken, leg.judge(broken));
            throw broken;
        } finally {
            expected.remove(clone);
        }
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
        response.close();
    }

    @Override
    public boolean isStreaming(Response response) {
        return judge.isStreaming(response);
    }

    @Override
    public boolean isCancelled() {
        return call.isCanceled();
    }

    @Override
    public void abort(Attempt attempt) {
        Call clone = clones.get(attempt);
        if (clone != null) {
            clone.cancel();
        }
    }
}
