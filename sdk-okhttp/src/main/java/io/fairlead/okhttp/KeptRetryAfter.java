// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.io.IOException;
import java.util.List;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Says {@code Retry-After: 0} of an instance's 503 in other words while the response passes OkHttp, which would read it as an
 * order to send the same request again and close the body; a date is none to it. Works where the interceptor is a network
 * interceptor too. Belongs to one call.
 */
final class KeptRetryAfter {
    private static final String NAME = "Retry-After";
    /** A time that has come, which is what zero says. */
    private static final String NOW = "Thu, 01 Jan 1970 00:00:00 GMT";
    /** OkHttp breaks on more. */
    private static final String LONGEST = Integer.toString(Integer.MAX_VALUE);

    /** The service that an attempt under way is for. */
    private @Nullable String attempted;

    private @Nullable String shown;
    private List<String> said = List.of();

    static KeptRetryAfter of(Interceptor.Chain chain) {
        return chain.call().tag(KeptRetryAfter.class, KeptRetryAfter::new);
    }

    /**
     * An attempt on this service begins, or has ended for null; other exchanges of the call are OkHttp's. Returns what was.
     */
    @Nullable
    String during(@Nullable String service) {
        String before = attempted;
        attempted = service;
        if (service != null) {
            shown = null;
        }
        return before;
    }

    /** Whether another interceptor of ours in front of this one has picked an instance for the request. */
    boolean isRouted(Request request) {
        return request.url().host().equals(attempted);
    }

    /** Among the network interceptors. */
    static Response pass(Interceptor.Chain chain) throws IOException {
        KeptRetryAfter kept = chain.call().tag(KeptRetryAfter.class);
        if (kept == null) {
            throw new IOException("the discovery interceptor is a network interceptor only"
                    + " (expected: an application interceptor, by addInterceptor, and this beside it)");
        }
        return kept.received(chain);
    }

    private Response received(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        String last = response.code() == 503 ? response.header(NAME) : null;
        String other = last == null || attempted == null ? null : inOtherWords(last);
        if (other == null) {
            return response;
        }
        shown = other;
        said = response.headers(NAME);
        return response.newBuilder().header(NAME, other).build();
    }

    /** The response as the instance sent it. */
    Response asSaid(Response response) {
        if (shown == null || !shown.equals(response.header(NAME))) {
            return response;
        }
        Response.Builder original = response.newBuilder().removeHeader(NAME);
        said.forEach(value -> original.addHeader(NAME, value));
        return original.build();
    }

    /** Null when OkHttp lets it be. */
    private static @Nullable String inOtherWords(String seconds) {
        if (seconds.isEmpty() || !seconds.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        if (seconds.chars().allMatch(c -> c == '0')) {
            return NOW;
        }
        return seconds.length() < LONGEST.length() ? null : LONGEST;
    }
}
