// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Stops OkHttp where it would send another request by itself. A redirect is a hop of its own: the interceptor routes it, so
 * that a service it names is found and nobody is blamed for what happens there. A second request after a 408, 421 or 503 of
 * an instance is the pipeline's to decide, within the budget and elsewhere. OkHttp has no switch for either per call, so the
 * way out is to fail there; where {@link KeptRetryAfter} works, a 503 does not come here. A second request with credentials
 * goes on: it is for the instance that asked for them. Belongs to one call; OkHttp calls it on the call's thread.
 */
final class FollowUps extends EventListener {
    private final boolean guided;
    private final Stops stops;
    private boolean active;
    private @Nullable Response answered;

    private FollowUps(Call call, boolean guided, Stops stops) {
        this.guided = guided;
        this.stops = stops;
        call.addEventListener(this);
    }

    /** Which redirects are the interceptor's to follow. */
    @FunctionalInterface
    interface Stops {
        boolean at(Request next) throws IOException;
    }

    /** For attempts on instances. */
    static FollowUps ofAttempts(Call call) {
        return new FollowUps(call, true, next -> true);
    }

    /** For requests to elsewhere. */
    static FollowUps elsewhere(Call call, Stops stops) {
        return new FollowUps(call, false, stops);
    }

    /** Sends one request down the chain; {@link #redirectOf} the response says whether another follows. */
    Response proceed(Interceptor.Chain chain, Request request) throws IOException {
        active = true;
        answered = null;
        try {
            return chain.proceed(request);
        } catch (Stopped stopped) {
            return stopped.response();
        } catch (NumberFormatException absurd) {
            Response last = answered;
            if (last == null || !isAbsurdHint(last)) {
                throw absurd;
            }
            Response bare = last.newBuilder().body(ResponseBody.EMPTY).build();
            return bare.newBuilder().networkResponse(bare).build();
        } catch (IOException | RuntimeException failure) {
            throw failure;
        } catch (Exception undeclared) {
            throw interrupted(undeclared);
        } finally {
            active = false;
        }
    }

    /** OkHttp's wait for a connection lets a bare {@link InterruptedException} out, which no caller can expect. */
    private static IOException interrupted(Exception undeclared) {
        if (!(undeclared instanceof InterruptedException)) {
            return new IOException(undeclared);
        }
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(undeclared);
        return interrupted;
    }

    /** OkHttp reads a hint of digits as an int, and throws out of the call when it is none. */
    private static boolean isAbsurdHint(Response response) {
        String hint = response.header("Retry-After");
        return (response.code() == 503 || response.code() == 408)
                && hint != null
                && hint.length() >= Integer.toString(Integer.MAX_VALUE).length()
                && hint.chars().allMatch(Character::isDigit);
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
        answered = response;
    }

    @Override
    public void followUpDecision(Call call, Response response, @Nullable Request next) {
        if (!active || next == null) {
            return;
        }
        int code = response.code();
        if (response.isRedirect()) {
            if (isStop(next)) {
                throwUnchecked(new Stopped(response, next));
            }
            return;
        }
        if (guided && (code == 503 || code == 421 || code == 408)) {
            throwUnchecked(new Stopped(response, null));
        }
    }

    private boolean isStop(Request next) {
        try {
            return stops.at(next);
        } catch (IOException notTold) {
            throwUnchecked(notTold);
            return false;
        }
    }

    /** The request that follows a redirect, or null when the response is the last. */
    static @Nullable Request redirectOf(Response response) {
        Redirect mark = response.request().tag(Redirect.class);
        return mark == null ? null : unmarked(mark.next());
    }

    /** A redirect's response as the one before the next, without our mark. */
    static Response past(Response response) {
        return response.newBuilder().request(unmarked(response.request())).build();
    }

    /** A response to another request than the one that was sent; where it leads changes alike. */
    static Response under(Response response, UnaryOperator<Request> change) {
        Request request = change.apply(response.request());
        Redirect mark = request.tag(Redirect.class);
        if (mark != null) {
            Redirect changed = new Redirect(change.apply(mark.next()));
            request = request.newBuilder().tag(Redirect.class, changed).build();
        }
        return response.newBuilder().request(request).build();
    }

    private static Request unmarked(Request request) {
        return request.newBuilder().tag(Redirect.class, null).build();
    }

    /** Where a stopped response led; a tag of its request, because a clone of the call gives back only a response. */
    private record Redirect(Request next) {}

    /** A response that OkHttp wanted to answer with another request. Its body has been closed. */
    private static final class Stopped extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient Response response;
        private final transient @Nullable Request redirect;

        Stopped(Response response, @Nullable Request redirect) {
            super("not sent again after " + response.code());
            this.response = response;
            this.redirect = redirect;
        }

        Response response() {
            Response.Builder stripped = response.newBuilder().body(ResponseBody.EMPTY);
            if (redirect != null) {
                stripped.request(response.request()
                        .newBuilder()
                        .tag(Redirect.class, new Redirect(redirect))
                        .build());
            }
            return stripped.build();
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> void throwUnchecked(IOException failure) throws E {
        throw (E) failure;
    }
}
