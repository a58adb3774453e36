// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Attempt;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sees how far an attempt got: whether a connection was made for it, whether a byte of the request can have left, whether the
 * exchange with the instance failed, and when the body of its response ended. Messages of exceptions can not tell, and
 * wrapping each body would cost more. One per call, reset for each attempt; OkHttp calls it on the attempt's threads.
 */
final class AttemptEvents extends EventListener {
    private final String host;
    private volatile boolean sent;
    private volatile boolean connected;
    private volatile boolean answered;
    private volatile boolean unreachable;
    private volatile boolean connectTimedOut;
    private volatile @Nullable IOException exchangeFailure;
    private volatile boolean isInterrupted;
    private volatile boolean callEnded;
    private volatile boolean resolving;
    private volatile boolean elsewhere;
    private volatile @Nullable Attempt open;

    /** @param host the service's name, under which its instances are reached; what goes elsewhere is not theirs */
    AttemptEvents(String host) {
        this.host = host;
    }

    void reset() {
        sent = false;
        connected = false;
        answered = false;
        unreachable = false;
        connectTimedOut = false;
        exchangeFailure = null;
        resolving = false;
        elsewhere = false;
        isInterrupted = false;
    }

    /** True: an interceptor behind ours sent it to a host of its own, of which our instance knows nothing. */
    boolean isElsewhere() {
        return elsewhere;
    }

    private void heads(String name) {
        elsewhere = !name.equalsIgnoreCase(host);
    }

    /** True: the caller's thread was interrupted when the network failed under it. */
    boolean isInterrupted() {
        return isInterrupted;
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

    /** True: its name did not resolve, or no connection to it came about. */
    boolean isUnreachable(Exception failure) {
        return unreachable || resolving && failure instanceof UnknownHostException;
    }

    /** True: the last connect, or its handshake, took as long as it might. */
    boolean isConnectTimedOut() {
        return connectTimedOut;
    }

    /**
     * How the connection failed under the last exchange, or the instance broke it, however an interceptor wraps it. Null:
     * whatever failed did so on our side, as an interceptor or the request's own body.
     */
    @Nullable
    IOException exchangeFailure() {
        return exchangeFailure;
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
    public void dnsStart(Call call, String domainName) {
        resolving = true;
        heads(domainName);
    }

    @Override
    public void dnsEnd(Call call, String domainName, List<InetAddress> addresses) {
        resolving = false;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        connected = true;
        heads(address.getHostString());
    }

    /** Who catches the failure may clear it. */
    private void noteInterrupt() {
        isInterrupted |= Thread.currentThread().isInterrupted();
    }

    @Override
    public void connectFailed(
            Call call, InetSocketAddress address, Proxy proxy, @Nullable Protocol protocol, IOException failure) {
        noteInterrupt();
        unreachable = true;
        connectTimedOut = failure instanceof SocketTimeoutException;
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        unreachable = false;
        heads(connection.route().address().url().host());
    }

    @Override
    public void requestHeadersStart(Call call) {
        sent = true;
        answered = false;
        exchangeFailure = null;
    }

    @Override
    public void requestFailed(Call call, IOException failure) {
        exchangeFailed(failure);
    }

    private void exchangeFailed(IOException failure) {
        noteInterrupt();
        exchangeFailure = failure;
    }

    @Override
    public void responseHeadersStart(Call call) {
        answered = true;
    }

    /** A further exchange of the attempt, as with credentials, is over a connection that has been used. */
    @Override
    public void responseHeadersEnd(Call call, Response response) {
        connected = false;
    }

    @Override
    public void responseBodyEnd(Call call, long bytes) {
        closeOpen();
    }

    @Override
    public void responseFailed(Call call, IOException failure) {
        exchangeFailed(failure);
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
