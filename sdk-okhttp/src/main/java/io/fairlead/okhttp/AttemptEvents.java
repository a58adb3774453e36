// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Attempt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Sees how far an attempt got: whether a connection was made for it, whether a byte of the request can have left, and when
 * the body of its response ended. Messages of exceptions can not tell, and wrapping each body would cost more. One per
 * call, reset for each attempt; OkHttp calls it on the attempt's threads.
 */
final class AttemptEvents extends EventListener {
    private volatile boolean sent;
    private volatile boolean connected;
    private volatile boolean answered;
    private volatile boolean callEnded;
    private volatile @Nullable Attempt open;

    void reset() {
        sent = false;
        connected = false;
        answered = false;
    }

    /** Closes the attempt when the body of the response it got is read to its end, closed, or broken. */
    void closeAtBodyEnd(Attempt attempt) {
        open = attempt;
        if (callEnded) {
            attempt.close();
        }
    }

    /** False: the instance provably never saw the request. */
    boolean isSent() {
        return sent;
    }

    /** False: the connection came from the pool and may have been dead already. */
    boolean isOnNewConnection() {
        return connected;
    }

    /** True: the first byte of an answer came. */
    boolean isAnswered() {
        return answered;
    }

    /**
     * OkHttp sends a call again by itself, whatever its method, when a 503 says {@code Retry-After: 0}, and some after a
     * 421. That would be a second POST, and outside the budget. There is no switch, so the way out is to fail there.
     */
    @Override
    public void followUpDecision(Call call, Response response, @Nullable Request next) {
        int code = response.code();
        if (next != null && (code == 503 || code == 421 || code == 408)) {
            throwUnchecked(new NotSentAgain(response));
        }
    }

    /** A response that OkHttp wanted to answer with another request. Its body has been closed. */
    static final class NotSentAgain extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient Response response;

        NotSentAgain(Response response) {
            super("not sent again after " + response.code());
            this.response = response;
        }

        Response response() {
            return response.newBuilder().body(ResponseBody.EMPTY).build();
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> void throwUnchecked(IOException failure) throws E {
        throw (E) failure;
    }

    @Override
    public void responseHeadersStart(Call call) {
        answered = true;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        connected = true;
    }

    @Override
    public void requestHeadersStart(Call call) {
        sent = true;
    }

    @Override
    public void responseBodyEnd(Call call, long bytes) {
        closeOpen();
    }

    @Override
    public void responseFailed(Call call, IOException failure) {
        closeOpen();
    }

    @Override
    public void callEnd(Call call) {
        callEnded = true;
        closeOpen();
    }

    @Override
    public void callFailed(Call call, IOException failure) {
        callEnded = true;
        closeOpen();
    }

    private void closeOpen() {
        Attempt ended = open;
        if (ended != null) {
            ended.close();
        }
    }
}
