// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Attempt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.EventListener;
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
