// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one request asks for. An immutable value. */
record AdminRequest(String method, String path, Map<String, List<String>> parameters) {
    private static final int MOST_PARAMETERS = 64;

    /** Reads the request line of an exchange. */
    static AdminRequest of(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        if (query != null) {
            for (String pair : query.split("&", MOST_PARAMETERS)) {
                int at = pair.indexOf('=');
                String name = at < 0 ? pair : pair.substring(0, at);
                parameters
                        .computeIfAbsent(decoded(name), key -> new ArrayList<>())
                        .add(at < 0 ? "" : decoded(pair.substring(at + 1)));
            }
        }
        String path = exchange.getRequestURI().getPath();
        return new AdminRequest(exchange.getRequestMethod(), path == null ? "" : path, parameters);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }

    /** The first value of a parameter, or null. */
    @Nullable
    String first(String name) {
        List<String> values = parameters.get(name);
        return values == null ? null : values.get(0);
    }

    List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /** A parameter that is a number, 0 or more; {@code otherwise} when it is absent or none. */
    long number(String name, long otherwise) {
        String text = first(name);
        try {
            return text == null ? otherwise : Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException none) {
            return otherwise;
        }
    }

    boolean isRead() {
        return method.equals("GET") || method.equals("HEAD");
    }
}
