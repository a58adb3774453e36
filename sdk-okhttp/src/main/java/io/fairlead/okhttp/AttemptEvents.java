// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.EventListener;

/**
 * Sees how far an attempt got: whether a connection was made for it, and whether a byte of the request can have left.
 * Messages of exceptions can not tell. One per call, reset for each attempt; OkHttp calls it on the attempt's threads.
 */
final class AttemptEvents extends EventListener {
    private volatile boolean sent;
    private volatile boolean connected;
    private volatile boolean answered;

    void reset() {
        sent = false;
        connected = false;
        answered = false;
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
}
