// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Speaks HTTP as badly as it is told to. Safe for any thread. */
final class OddAgent implements AutoCloseable {
    private final ServerSocket server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Function<String, Reply> replies;

    /**
     * What is sent, to the byte.
     *
     * @param holdMillis how long it is waited before
     * @param closes whether the connection ends with it
     */
    record Reply(byte[] bytes, long holdMillis, boolean closes) {}

    /** @param replies gives the reply to a path with its query */
    OddAgent(Function<String, Reply> replies) {
        this.replies = replies;
        try {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                threads.execute(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = socket.getOutputStream();
            for (String first = in.readLine(); first != null; first = in.readLine()) {
                for (String header = in.readLine(); header != null && !header.isEmpty(); header = in.readLine()) {
                    // nothing in them matters
                }
                Reply reply = replies.apply(first.split(" ")[1]);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(reply.holdMillis));
                out.write(reply.bytes);
                out.flush();
                if (reply.closes) {
                    return;
                }
            }
        } catch (IOException gone) {
            // the other side hung up
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
