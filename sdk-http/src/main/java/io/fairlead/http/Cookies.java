// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.io.IOException;
import java.net.CookieHandler;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the caller's cookie handler under a service's name, so that services on one address have no cookie in common. */
final class Cookies {
    private static final String HEADER = "Cookie";

    private Cookies() {}

    /** Adds what the handler has for a request to the cookies that the request brings itself. */
    static void add(@Nullable CookieHandler handler, HttpRequest logical, HttpRequest.Builder next) throws IOException {
        if (handler == null) {
            return;
        }
        List<String> all = new ArrayList<>(logical.headers().allValues(HEADER));
        handler.get(logical.uri(), logical.headers().map()).forEach((name, values) -> {
            if (name.equalsIgnoreCase(HEADER) && values != null) {
                all.addAll(values);
            }
        });
        if (!all.isEmpty()) {
            next.setHeader(HEADER, String.join("; ", all));
        }
    }

    /** Tells the handler of an answer. */
    static void keep(@Nullable CookieHandler handler, HttpRequest logical, HttpHeaders headers) throws IOException {
        if (handler != null) {
            handler.put(logical.uri(), headers.map());
        }
    }
}
