// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.io.IOException;
import java.util.Optional;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.kiwiproject.consul.util.failover.ConsulFailoverInterceptor;
import org.kiwiproject.consul.util.failover.strategy.ConsulFailoverStrategy;

/**
 * Reads no more of an answer than fits in memory, after it was expanded. The Consul client takes no interceptor but one for
 * failover, so it gets one that never fails over. Safe for any thread.
 */
final class BoundedAnswers extends ConsulFailoverInterceptor {
    private static final int MAX_BYTES = 1 << 20;

    BoundedAnswers() {
        super(new Nowhere());
    }

    @Override
    public Response intercept(Interceptor.Chain chain) {
        Request request = chain.request();
        try (Response response = chain.proceed(request)) {
            ResponseBody beginning = response.peekBody(MAX_BYTES + 1L);
            if (beginning.contentLength() <= MAX_BYTES) {
                return response.newBuilder().body(beginning).build();
            }
            throw new IOException("answered " + response.code() + " with a body above " + MAX_BYTES + " bytes");
        } catch (IOException failed) {
            throw BoundedAnswers.<RuntimeException>undeclared(failed);
        }
    }

    /** The method it overrides declares none, though its callers expect one. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> E undeclared(IOException failed) throws E {
        throw (E) failed;
    }

    /** Nowhere else to go. */
    private static final class Nowhere implements ConsulFailoverStrategy {
        @Override
        public Optional<Request> computeNextStage(Request previous) {
            return Optional.empty();
        }

        @Override
        @SuppressWarnings("removal")
        public Optional<Request> computeNextStage(Request previous, Response response) {
            return Optional.empty();
        }

        @Override
        public boolean isRequestViable(Request current) {
            return false;
        }

        @Override
        public void markRequestFailed(Request current) {
            // nothing to remember
        }
    }
}
