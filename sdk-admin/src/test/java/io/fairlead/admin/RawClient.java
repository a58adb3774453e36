// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Speaks HTTP on a socket of its own, so that every header is the test's. */
record RawClient(URI server) {
    /** What came back, whole. */
    record Answered(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }

        /** The value of a header, or an empty text. */
        String header(String name) {
            return Arrays.stream(head.split("\r\n"))
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    Answered get(String path, String... headers) throws IOException {
        return ask("GET", path, headers);
    }

    Answered post(String path, String... headers) throws IOException {
        String[] more = Arrays.copyOf(headers, headers.length + 1);
        more[headers.length] = "Content-Length: 0";
        return ask("POST", path, more);
    }

    Answered ask(String method, String path, String... headers) throws IOException {
        try (Socket socket = open(method, path, headers)) {
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int end = all.indexOf("\r\n\r\n");
            return new Answered(all.substring(0, end), all.substring(end + 4));
        }
    }

    /** Sends a request and leaves the answer on the socket. The headers may name another Host. */
    Socket open(String method, String path, String... headers) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
        socket.setSoTimeout(20_000);
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
        if (Arrays.stream(headers).noneMatch(header -> header.startsWith("Host:"))) {
            request.append("Host: ").append(server.getAuthority()).append("\r\n");
        }
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** Reads until a word has come. */
    static String readUntil(Socket socket, String word) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder read = new StringBuilder();
        byte[] buffer = new byte[8_192];
        while (read.indexOf(word) < 0) {
            int count = in.read(buffer);
            if (count < 0) {
                throw new IOException("ended without " + word + ": " + read);
            }
            read.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
        return read.toString();
    }
}
