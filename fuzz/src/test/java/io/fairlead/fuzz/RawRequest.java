// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request's head, as it came over the wire. */
record RawRequest(String method, String path, Map<String, String> headers) {

    /** Null when the connection ends before one begins. */
    static @Nullable RawRequest read(InputStream in) throws IOException {
        String start = line(in);
        if (start == null) {
            return null;
        }
        Map<String, String> headers = new HashMap<>();
        String line = line(in);
        while (line != null && !line.isEmpty()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
            line = line(in);
        }
        if (line == null) {
            return null;
        }
        String[] words = start.split(" ", -1);
        return new RawRequest(words[0], words[1], headers);
    }

    /** The header, or an empty text. */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** Reads the body to its end; fails when the connection ends before. */
    void skipBody(InputStream in) throws IOException {
        if (header("transfer-encoding").equalsIgnoreCase("chunked")) {
            int size = chunkSize(in);
            while (size > 0) {
                in.skipNBytes(size);
                needed(line(in));
                size = chunkSize(in);
            }
            needed(line(in));
        } else if (headers.containsKey("content-length")) {
            in.skipNBytes(Long.parseLong(header("content-length")));
        }
    }

    private static int chunkSize(InputStream in) throws IOException {
        return Integer.parseInt(needed(line(in)).split(";")[0].strip(), 16);
    }

    private static String needed(@Nullable String line) throws IOException {
        if (line == null) {
            throw new EOFException();
        }
        return line;
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return null;
    }
}
