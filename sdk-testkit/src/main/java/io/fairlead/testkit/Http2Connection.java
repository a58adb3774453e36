// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One connection of an {@link Http2Server} (RFC 9113). One thread serves it; any thread may close it or count. */
final class Http2Connection {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;

    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITY = 0x20;

    private static final int INTERNAL_ERROR = 2;
    private static final int REFUSED_STREAM = 7;
    private static final int PREFACE_LENGTH = 24;
    /** In HPACK's static table. */
    private static final byte STATUS_200 = (byte) 0x88;

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");

    private static final Pattern CHUNKED = Pattern.compile("(?i)transfer-encoding: *chunked");

    private final Http2Server server;
    private final Socket socket;
    private final int number;
    private final DataInputStream in;
    private final DataOutputStream out;
    /** Streams that are not over, and what is to be done when their request has ended. */
    private final Map<Integer, Http2Server.Answer> open = new ConcurrentHashMap<>();

    Http2Connection(Http2Server server, Socket socket, int number) throws IOException {
        this.server = server;
        this.socket = socket;
        this.number = number;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
    }

    int openStreams() {
        return open.size();
    }

    void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            // closing is all that was wanted
        }
    }

    void serve() {
        try (socket) {
            String head = head();
            if (head.startsWith("PRI ")) {
                in.skipNBytes(PREFACE_LENGTH - head.length());
                send(SETTINGS, 0, 0);
            } else {
                upgrade(head);
            }
            while (true) {
                frame();
            }
        } catch (IOException ended) {
            // the client is gone, or we hung up
        } finally {
            open.clear();
        }
    }

    /** Up to the first empty line, which ends a head of HTTP/1.1 and stands inside the preface of HTTP/2. */
    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** The request that asked for the upgrade is stream 1, and has ended. */
    private void upgrade(String head) throws IOException {
        Matcher length = LENGTH.matcher(head);
        if (length.find()) {
            in.skipNBytes(Integer.parseInt(length.group(1)));
        } else if (CHUNKED.matcher(head).find()) {
            skipChunks();
        }
        out.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0);
        in.skipNBytes(PREFACE_LENGTH);
        String method = head.substring(0, head.indexOf(' '));
        begun(1, method.equals("GET") || method.equals("POST") ? method : "OTHER", true);
    }

    private void skipChunks() throws IOException {
        int length;
        do {
            length = Integer.parseInt(line(), 16);
            in.skipNBytes(length + 2L);
        } while (length > 0);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            line.append((char) next);
        }
        in.skipNBytes(1);
        return line.toString();
    }

    private void frame() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        byte[] payload = in.readNBytes(length);
        switch (type) {
            case HEADERS -> begun(stream, method(payload, flags), (flags & END_STREAM) != 0);
            case DATA -> {
                if ((flags & END_STREAM) != 0) {
                    ended(stream);
                }
            }
            case RST_STREAM -> open.remove(stream);
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    send(SETTINGS, ACK, 0);
                }
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    send(PING, ACK, 0, payload);
                }
            }
            default -> {
                // windows are large enough, priorities do not matter
            }
        }
    }

    private static String method(byte[] payload, int flags) {
        int padding = (flags & PADDED) == 0 ? 0 : payload[0] & 0xff;
        int from = ((flags & PADDED) == 0 ? 0 : 1) + ((flags & PRIORITY) == 0 ? 0 : 5);
        return new HpackMethod(ByteBuffer.wrap(payload, from, payload.length - from - padding)).read();
    }

    private void begun(int stream, String method, boolean hasEnded) throws IOException {
        Http2Server.Answer answer = server.answer(new Http2Server.Request(number, stream, method));
        open.put(stream, answer);
        switch (answer) {
            case EARLY -> good(stream);
            case HEADERS_ONLY -> send(HEADERS, END_HEADERS, stream, STATUS_200);
            case REFUSE -> reset(stream, REFUSED_STREAM);
            case RESET -> reset(stream, INTERNAL_ERROR);
            case GO_AWAY_BELOW -> {
                open.remove(stream);
                goAway(Math.max(0, stream - 2));
            }
            case GO_AWAY_AT -> {
                goAway(stream);
                throw new EOFException();
            }
            case GO_AWAY_ABOVE -> goAway(Integer.MAX_VALUE);
            case HANG_UP -> throw new EOFException();
            case GOOD, SILENCE -> {}
        }
        if (hasEnded) {
            ended(stream);
        }
    }

    private void ended(int stream) throws IOException {
        Http2Server.Answer answer = open.get(stream);
        if (answer == Http2Server.Answer.GOOD || answer == Http2Server.Answer.GO_AWAY_ABOVE) {
            good(stream);
        }
    }

    private void good(int stream) throws IOException {
        open.remove(stream);
        send(HEADERS, END_HEADERS, stream, STATUS_200);
        send(DATA, END_STREAM, stream, "good".getBytes(StandardCharsets.US_ASCII));
    }

    private void reset(int stream, int code) throws IOException {
        open.remove(stream);
        send(RST_STREAM, 0, stream, (byte) 0, (byte) 0, (byte) 0, (byte) code);
    }

    private void goAway(int last) throws IOException {
        send(
                GOAWAY,
                0,
                0,
                (byte) (last >>> 24),
                (byte) (last >>> 16),
                (byte) (last >>> 8),
                (byte) last,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 0);
    }

    private void send(int type, int flags, int stream, byte... payload) throws IOException {
        out.writeByte(payload.length >>> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
        out.flush();
    }
}
