// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.spi.kit.NearestName;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a registry URI, {@code scheme://host:port,host:port/path?option=value}, for a {@link RegistryProvider}.
 * An immutable value, safe for any thread.
 *
 * @param addresses {@code host:port} each, the default port filled in, IPv6 in brackets; at least one
 * @param path without slashes at either end, empty when there is none
 * @param options the query's options, percent-decoded
 */
public record UriOptions(List<String> addresses, String path, Map<String, String> options) {

    /** Copies the collections. */
    public UriOptions {
        addresses = List.copyOf(addresses);
        options = Map.copyOf(options);
    }

    /** A URI for a message, also one that is none: without user info and without values of options, which may be secrets. */
    public static String shown(String uri) {
        int at = uri.lastIndexOf('@');
        int colon = uri.indexOf(':');
        String named = at > colon && colon >= 0
                ? uri.substring(0, colon) + (uri.startsWith("//", colon + 1) ? "://…" : ":…") + uri.substring(at)
                : uri;
        int query = named.indexOf('?');
        return query < 0
                ? named
                : named.substring(0, query) + named.substring(query).replaceAll("=[^&]*", "=…");
    }

    /**
     * Takes a URI apart.
     *
     * @param known the options this backend understands
     * @throws IllegalArgumentException for user info, an unknown option (the message names the nearest known one), an
     *     option without a value, or a bad port
     */
    public static UriOptions parse(URI uri, String defaultHost, int defaultPort, Set<String> known) {
        String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        if (authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException("user info in a " + uri.getScheme()
                    + " URI (expected: secrets through the builder or the environment, never in a URI)");
        }
        List<String> addresses = new ArrayList<>();
        for (String address : authority.split(",")) {
            addresses.add(withPort(address.isEmpty() ? defaultHost : address, defaultPort));
        }
        String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("^/+|/+$", "");
        return new UriOptions(addresses, path, query(uri, known));
    }

    /** The value of an option, or null when the URI does not have it. */
    public @Nullable String option(String name) {
        return options.get(name);
    }

    private static Map<String, String> query(URI uri, Set<String> known) {
        Map<String, String> options = new LinkedHashMap<>();
        String query = uri.getRawQuery();
        if (query == null || query.isEmpty()) {
            return options;
        }
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            String name = URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8);
            if (!known.contains(name)) {
                throw new IllegalArgumentException("option '" + name + "' of a " + uri.getScheme() + " URI"
                        + NearestName.hint(name, known) + " (expected: one of " + new TreeSet<>(known) + ")");
            }
            if (equals < 0 || equals == pair.length() - 1) {
                throw new IllegalArgumentException(
                        "option '" + name + "' of a " + uri.getScheme() + " URI: no value (expected: " + name + "=…)");
            }
            options.put(name, URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return options;
    }

    private static String withPort(String address, int defaultPort) {
        int colon = address.lastIndexOf(':');
        if (colon < 0 || colon < address.lastIndexOf(']')) {
            return address + ":" + defaultPort;
        }
        String port = address.substring(colon + 1);
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("port in '" + address + "': '" + port + "' (expected: 1..65535)");
        }
        return address;
    }
}
