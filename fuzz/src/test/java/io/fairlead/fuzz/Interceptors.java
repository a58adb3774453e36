// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** What a user's interceptors do around ours, as the call's plan says. Stateless. */
final class Interceptors {
    private Interceptors() {}

    static Response front(Interceptor.Chain chain) throws IOException {
        Request request = chain.request();
        switch (plan(chain).front()) {
            case TWICE -> {
                chain.proceed(request).close();
                return chain.proceed(
                        request.newBuilder().header("X-Fuzz-Pass", "2").build());
            }
            case HEADER -> {
                return chain.proceed(
                        request.newBuilder().header("X-Token", "new").build());
            }
            case THROWS_BEFORE -> throw new IOException("the front interceptor has no token");
            case THROWS_AFTER -> {
                chain.proceed(request).close();
                throw new IOException("the front interceptor dislikes the answer");
            }
            default -> {
                return chain.proceed(request);
            }
        }
    }

    static Response behind(Interceptor.Chain chain) throws IOException {
        return switch (plan(chain).behind()) {
            case THROWS -> throw new IOException("the interceptor behind has no token");
            case ANSWERS_200 -> answer(chain.request(), 200);
            case ANSWERS_503 -> answer(chain.request(), 503);
            default -> chain.proceed(chain.request());
        };
    }

    static Response network(Interceptor.Chain chain) throws IOException {
        if (plan(chain).behind() == Plan.Behind.NETWORK_THROWS) {
            throw new IOException("the network interceptor has no token");
        }
        return chain.proceed(chain.request());
    }

    private static Response answer(Request request, int status) {
        return new Response.Builder()
                .request(request)
                .protocol(Protocol.HTTP_1_1)
                .code(status)
                .message("made here")
                .body(ResponseBody.EMPTY)
                .build();
    }

    private static Plan plan(Interceptor.Chain chain) {
        Plan plan = chain.request().tag(Plan.class);
        if (plan == null) {
            throw new IllegalStateException("a request without its plan");
        }
        return plan;
    }
}
