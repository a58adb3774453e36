// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A small HTTP/2 server without TLS, frame by frame, for what servers made for good answers will not do: refuse a stream, go
 * away below, at or above one, never answer. It understands prior knowledge (OkHttp) and the upgrade from HTTP/1.1 (the
 * JDK's client), and remembers every request that reached it. Requests and answers must fit the initial window, 64 KiB.
 * Safe for any thread; close it.
 */
public final class Http2Server implements AutoCloseable {
    private final Set<Http2Connection> connections = ConcurrentHashMap.newKeySet();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final ServerSocket listening;
    private volatile Function<Request, Answer> script;

    /**
     * One request as it arrived.
     *
     * @param connection number of the connection, from 1
     * @param stream number of the stream in it, odd
     * @param method {@code GET}, {@code POST}, or {@code OTHER}
     */
    public record Request(int connection, int stream, String method) {}

    /** What the server does with a request. */
    public enum Answer {
        /** Answers 200 with the body {@code good}, when the whole request is there. */
        GOOD,
        /** Answers 200 with the body {@code good} as soon as the headers are there; the request may go on. */
        EARLY,
        /** Takes the request and never answers. */
        SILENCE,
        /** Sends the headers of a 200 and never a body. */
        HEADERS_ONLY,
        /** Resets the stream with REFUSED_STREAM: not processed. */
        REFUSE,
        /** Resets the stream with INTERNAL_ERROR: who knows. */
        RESET,
        /** Goes away with a last stream below this one: not processed. */
        GO_AWAY_BELOW,
        /** Goes away with this as the last stream, and closes the connection without an answer. */
        GO_AWAY_AT,
        /** Goes away with a last stream far above this one, as before a restart, and answers it. */
        GO_AWAY_ABOVE,
        /** Closes the connection without a word. */
        HANG_UP
    }

    private Http2Server(Function<Request, Answer> script) {
        this.script = script;
        try {
            this.listening = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::acceptLoop, "http2-accept");
    }

    /** A server on a free loopback port that asks {@code script}, on its own threads, what to do with each request. */
    public static Http2Server start(Function<Request, Answer> script) {
        return new Http2Server(script);
    }

    /** A server that does the same with every request. */
    public static Http2Server always(Answer answer) {
        return new Http2Server(request -> answer);
    }

    /** From now on this is asked. */
    public void script(Function<Request, Answer> value) {
        script = value;
    }

    /** The port to connect to. */
    public int port() {
        return listening.getLocalPort();
    }

    /** Every request that reached the server, in order, whatever became of it. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** How many of them had this method. */
    public int requests(String method) {
        return (int) requests.stream()
                .filter(request -> request.method().equals(method))
                .count();
    }

    /** Streams that neither side has ended or reset; zero when every client is through with its calls. */
    public int openStreams() {
        return connections.stream().mapToInt(Http2Connection::openStreams).sum();
    }

    /** Connections that are open. */
    public int openConnections() {
        return connections.size();
    }

    Answer answer(Request request) {
        requests.add(request);
        return script.apply(request);
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException gone) {
            // closing is all that was wanted
        }
        connections.forEach(Http2Connection::close);
    }

    private void acceptLoop() {
        int number = 0;
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                socket.setTcpNoDelay(true);
                Http2Connection connection = new Http2Connection(this, socket, ++number);
                connections.add(connection);
                daemon(
                        () -> {
                            try {
                                connection.serve();
                            } finally {
                                connections.remove(connection);
                            }
                        },
                        "http2-connection");
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
