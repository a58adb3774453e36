// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may ask. Immutable. */
final class AdminGate {
    static final String COOKIE = "fairlead_token";

    private final Set<String> hosts;
    private final byte @Nullable [] token;

    AdminGate(Set<String> names, @Nullable String token) {
        Set<String> all = new HashSet<>(Set.of("127.0.0.1", "[::1]", "localhost"));
        names.forEach(name -> all.add(name.toLowerCase(Locale.ROOT)));
        this.hosts = Set.copyOf(all);
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Whether the request was meant for this server. A name that somebody else's name server lets point to loopback comes with that
     * name, so the address alone does not keep a foreign page out.
     */
    boolean isOurHost(Headers request) {
        List<String> given = request.get("Host");
        return given != null && given.size() == 1 && hosts.contains(withoutPort(given.get(0)));
    }

    private static String withoutPort(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int end = name.startsWith("[") ? name.indexOf(']') + 1 : name.indexOf(':');
        if (end <= 0) {
            return name;
        }
        String port = name.substring(end);
        return port.isEmpty() || port.startsWith(":") ? name.substring(0, end) : name;
    }

    boolean hasToken() {
        return token != null;
    }

    /** Whether the request may read: it has the token, or there is none. */
    boolean mayRead(Headers request) {
        return token == null || isToken(bearer(request)) || isToken(cookie(request));
    }

    /**
     * Whether the request may change something: it has the token, and a page of this server sent it. Who names no origin is no page, and
     * must bring the token in the header, which no foreign page can set.
     */
    boolean mayAct(Headers request) {
        String origin = request.getFirst("Origin");
        if (origin == null) {
            return isToken(bearer(request));
        }
        return origin.equalsIgnoreCase("http://" + request.getFirst("Host")) && mayRead(request) && hasToken();
    }

    /** Whether the header itself carries the token. */
    boolean hasBearer(Headers request) {
        return isToken(bearer(request));
    }

    /** The line that makes a browser send the token from now on, to this server only and to no script. */
    String cookieFor(Headers request) {
        return COOKIE + "=" + bearer(request) + "; Path=/; HttpOnly; SameSite=Strict";
    }

    private static @Nullable String bearer(Headers request) {
        String value = request.getFirst("Authorization");
        return value != null && value.regionMatches(true, 0, "Bearer ", 0, 7)
                ? value.substring(7).strip()
                : null;
    }

    private static @Nullable String cookie(Headers request) {
        for (String line : request.getOrDefault("Cookie", List.of())) {
            for (String pair : line.split(";", 50)) {
                String one = pair.strip();
                if (one.startsWith(COOKIE + "=")) {
                    return one.substring(COOKIE.length() + 1);
                }
            }
        }
        return null;
    }

    /** Takes the same time whatever the first wrong letter is. */
    private boolean isToken(@Nullable String given) {
        return token != null && given != null && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token);
    }
}
