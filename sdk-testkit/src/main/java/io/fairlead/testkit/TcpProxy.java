// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A bad network in front of a server: passes bytes, or refuses, resets, swallows or delays them. Counts connections and
 * the HTTP/1 requests it passes on. Needs no root. Safe for any thread.
 */
public final class TcpProxy implements AutoCloseable {
    /** What it does with connections; a change applies to open ones too. */
    public enum Mode {
        /** Passes everything on. */
        PASS,
        /** Closes new connections at once with a reset. */
        RESET_ON_ACCEPT,
        /** Accepts and reads, passes nothing on, answers nothing. */
        BLACK_HOLE,
        /** Passes the request on, then resets instead of passing the answer back. */
        RESET_ON_ANSWER
    }

    private static final Pattern REQUEST_LINE =
            Pattern.compile("(?:GET|PUT|POST|DELETE|HEAD) \\S+ HTTP/1\\.[01]\\r\\n");

    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final int port;
    private volatile Mode mode = Mode.PASS;
    private volatile @Nullable ServerSocket server;

    private TcpProxy(InetSocketAddress target) {
        this.target = target;
        try {
            this.port = listen(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A proxy on a free loopback port. */
    public static TcpProxy to(String host, int port) {
        return new TcpProxy(new InetSocketAddress(host, port));
    }

    /** The port to connect to. */
    public int port() {
        return port;
    }

    /** Connections accepted so far. */
    public int connections() {
        return connections.get();
    }

    /** Connections open now, from clients. */
    public int openConnections() {
        return (int) sockets.stream()
                .filter(socket -> socket.getLocalPort() == port && !socket.isClosed())
                .count();
    }

    /** HTTP/1 requests passed on so far. */
    public int requests() {
        return requests.get();
    }

    /** Changes what it does. */
    public void mode(Mode value) {
        mode = value;
        if (value == Mode.RESET_ON_ACCEPT) {
            resetAll();
        }
    }

    /** Resets every open connection. */
    public void resetAll() {
        for (Socket socket : sockets) {
            reset(socket);
        }
    }

    /** Stops listening, so that connections are refused, and resets the open ones. */
    public void refuse() {
        ServerSocket listening = server;
        server = null;
        closeQuietly(listening);
        resetAll();
    }

    /** Listens again on the same port. */
    public void accept() {
        try {
            listen(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        refuse();
    }

    private int listen(int wanted) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 1024);
        server = socket;
        daemon(() -> acceptLoop(socket), "proxy-accept");
        return socket.getLocalPort();
    }

    private void acceptLoop(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                connections.incrementAndGet();
                sockets.add(client);
                // Looked at after the socket is known: an accept under way still succeeds after close().
                if (server != listening || mode == Mode.RESET_ON_ACCEPT) {
                    reset(client);
                    sockets.remove(client);
                    continue;
                }
                daemon(() -> serve(client), "proxy-connection");
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        Socket upstream = new Socket();
        sockets.add(upstream);
        try {
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            upstream.connect(target, 2_000);
        } catch (IOException unreachable) {
            end(client, upstream);
            return;
        }
        daemon(() -> pump(upstream, client, false), "proxy-answers");
        pump(client, upstream, true);
    }

    private void pump(Socket from, Socket to, boolean isRequest) {
        byte[] buffer = new byte[16_384];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (mode == Mode.BLACK_HOLE) {
                    continue;
                }
                if (mode == Mode.RESET_ON_ANSWER && !isRequest) {
                    reset(to);
                    break;
                }
                if (isRequest) {
                    String text = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
                    requests.addAndGet(
                            (int) REQUEST_LINE.matcher(text).results().count());
                }
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException ended) {
            // one side is gone: so is the other
        } finally {
            end(from, to);
        }
    }

    private void end(Socket a, Socket b) {
        sockets.remove(a);
        sockets.remove(b);
        closeQuietly(a);
        closeQuietly(b);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException gone) {
            return;
        } finally {
            closeQuietly(socket);
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (Exception gone) {
            // closing is all that was wanted
        }
    }

    private static void daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
