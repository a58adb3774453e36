// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** An instance made of a socket: it does what the board says, and writes there what came. */
final class RawInstance implements AutoCloseable {
    static final int SLOW_MILLIS = 30;
    private static final int LONGEST_HANG_SECONDS = 15;

    final String id;
    private final int index;
    private final Board board;
    private final ExecutorService threads;
    private final ServerSocket server = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int deadPort;

    /** Accepts connections and resets them unread. */
    volatile boolean resets;

    RawInstance(String id, int index, Board board, ExecutorService threads, int deadPort) throws IOException {
        this.id = id;
        this.index = index;
        this.board = board;
        this.threads = threads;
        this.deadPort = deadPort;
        threads.execute(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException closed) {
                // The loop's condition says whether for good.
            }
        }
    }

    private void serve(Socket socket) {
        open.add(socket);
        try (socket) {
            socket.setTcpNoDelay(true);
            if (resets) {
                board.closes(id);
                socket.setSoLinger(true, 0);
                return;
            }
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (exchange(socket, in)) {}
        } catch (IOException | InterruptedException gone) {
            // The client's end, or ours.
        } finally {
            open.remove(socket);
        }
    }

    /** False when the connection is to be closed. */
    private boolean exchange(Socket socket, InputStream in) throws IOException, InterruptedException {
        RawRequest request = RawRequest.read(in);
        Board.Call call = request == null ? null : board.call(request.header("x-fuzz"));
        if (request == null || call == null) {
            return false;
        }
        Arrival arrival = board.arrived(call, id, index, request);
        Answer answer = arrival.answer;
        if (answer.kind() == Answer.Kind.RESET_UNREAD) {
            socket.setSoLinger(true, 0);
            return false;
        }
        request.skipBody(in);
        arrival.isWhole = true;
        call.onArrival.run();
        if (answer.kind() == Answer.Kind.HANGS) {
            boolean unused = call.over.await(LONGEST_HANG_SECONDS, TimeUnit.SECONDS);
            return false;
        }
        if (answer.kind() == Answer.Kind.RESET_READ) {
            socket.setSoLinger(true, 0);
            return false;
        }
        call.onAnswer.run();
        return write(socket.getOutputStream(), request, call, arrival);
    }

    private boolean write(OutputStream out, RawRequest request, Board.Call call, Arrival arrival)
            throws IOException, InterruptedException {
        Answer answer = arrival.answer;
        boolean hasBody = answer.status() != 204 && !request.method().equals("HEAD");
        byte[] body = answer.status() == 204 ? new byte[0] : body(arrival);
        arrival.body = hasBody ? body : new byte[0];
        byte[] head = head(arrival, request, body.length);
        arrival.isAnswered = true;
        int half = answer.kind() == Answer.Kind.SLOW ? head.length / 2 : head.length;
        out.write(head, 0, half);
        if (half < head.length) {
            out.flush();
            boolean unused = call.over.await(SLOW_MILLIS, TimeUnit.MILLISECONDS);
            out.write(head, half, head.length - half);
        }
        if (hasBody && answer.kind() == Answer.Kind.CHUNKED) {
            out.write((Integer.toHexString(body.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else if (hasBody) {
            out.write(body, 0, answer.kind() == Answer.Kind.TRUNCATED ? body.length / 2 : body.length);
        }
        boolean closes = answer.kind() == Answer.Kind.CLOSES || answer.kind() == Answer.Kind.TRUNCATED;
        if (closes) {
            board.closes(id);
        }
        out.flush();
        return !closes;
    }

    private static byte[] body(Arrival arrival) {
        StringBuilder text = new StringBuilder()
                .append("answer ")
                .append(arrival.sequence)
                .append(" of ")
                .append(arrival.instance)
                .append('\n');
        while (text.length() < arrival.answer.size()) {
            text.append(arrival.sequence).append(" filled up\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] head(Arrival arrival, RawRequest request, int length) {
        Answer answer = arrival.answer;
        StringBuilder head = new StringBuilder()
                .append("HTTP/1.1 ")
                .append(answer.status())
                .append(" Said\r\nX-Fuzz-Answer: ")
                .append(arrival.sequence)
                .append("\r\n");
        if (answer.status() == 200 && request.method().equals("GET")) {
            head.append("Cache-Control: max-age=60\r\n");
        }
        if (answer.retryAfter() >= 0) {
            head.append("Retry-After: ").append(answer.retryAfter()).append("\r\n");
        }
        if (answer.target() != null) {
            String to = switch (answer.target()) {
                case SAME_SERVICE -> "orders";
                case OTHER_SERVICE -> "billing";
                case OWN_ADDRESS -> "127.0.0.1:" + port();
                case DEAD_PORT -> "127.0.0.1:" + deadPort;
                case UNRESOLVABLE -> "nowhere.invalid";
            };
            head.append("Location: http://")
                    .append(to)
                    .append("/hop/")
                    .append(to)
                    .append(request.path());
            head.append("\r\n");
        }
        if (answer.kind() == Answer.Kind.CHUNKED && answer.status() != 204) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (answer.status() != 204) {
            head.append("Content-Length: ").append(length).append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
