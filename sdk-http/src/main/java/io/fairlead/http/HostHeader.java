// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The service's name in {@code Host}, where the JDK lets us set it: with {@code jdk.httpclient.allowRestrictedHeaders=host}.
 * Over HTTP/2 the client says the address in {@code :authority} in any case, and a server may refuse a {@code Host} that
 * differs; so whoever is known to speak it is not sent one. Safe for any thread.
 */
final class HostHeader {
    private static final String NAME = "Host";
    private static final boolean IS_ALLOWED = isAllowed();
    /** Instances come and go; forgetting one costs it one header. */
    private static final int MOST = 1_024;

    private final HttpClient client;
    private final Set<String> http2 = ConcurrentHashMap.newKeySet();

    HostHeader(HttpClient client) {
        this.client = client;
    }

    /** The JDK reads the property from several places, once. */
    private static boolean isAllowed() {
        try {
            HttpRequest.Builder unused = HttpRequest.newBuilder().header(NAME, "any");
            return true;
        } catch (IllegalArgumentException restricted) {
            return false;
        }
    }

    /** A caller's own {@code Host} stays. */
    void add(HttpRequest logical, String authority, HttpRequest.Builder next) {
        boolean isMaybeHttp2 = logical.version().orElse(client.version()) == Version.HTTP_2;
        boolean isKnownOrSoon = http2.contains(authority)
                || "https".equalsIgnoreCase(logical.uri().getScheme());
        boolean hasOwn = logical.headers().firstValue(NAME).isPresent();
        if (IS_ALLOWED && !hasOwn && !(isMaybeHttp2 && isKnownOrSoon)) {
            int port = logical.uri().getPort();
            next.setHeader(NAME, logical.uri().getHost() + (port < 0 ? "" : ":" + port));
        }
    }

    void answered(String authority, Version version) {
        if (IS_ALLOWED && version == Version.HTTP_2 && http2.add(authority) && http2.size() > MOST) {
            http2.clear();
        }
    }
}
