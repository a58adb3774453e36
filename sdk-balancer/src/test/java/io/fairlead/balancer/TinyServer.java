// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP server of one thread that answers every request with one code, or, with 0, not at all. */
final class TinyServer implements AutoCloseable {
    final AtomicInteger code = new AtomicInteger(200);
    final AtomicInteger connections = new AtomicInteger();
    volatile String host = "";
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    TinyServer() throws IOException {
        Thread thread = new Thread(this::serve, "tiny-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listening.getLocalPort();
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (Socket socket = listening.accept()) {
                connections.incrementAndGet();
                answer(socket);
            } catch (IOException closedOrReset) {
                continue;
            }
        }
    }

    private void answer(Socket socket) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        String line = in.readLine();
        while (line != null && !line.isEmpty()) {
            host = line.startsWith("Host: ") ? line.substring(6) : host;
            line = in.readLine();
        }
        if (line == null) {
            return;
        }
        if (code.get() == 0) {
            // The client gives up first and closes.
            int unused = in.read();
            return;
        }
        String answer = "HTTP/1.1 " + code.get() + " Whatever\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
