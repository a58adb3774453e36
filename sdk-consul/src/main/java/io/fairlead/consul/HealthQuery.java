// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Spells health queries; every part is percent-encoded. Stateless, safe for any thread. */
final class HealthQuery {
    private HealthQuery() {}

    /** Path and query; held for {@code hold} unless the index is 0. */
    static String path(String service, ConsulOptions options, long index, Duration hold) {
        StringBuilder path = new StringBuilder("/v1/health/service/").append(ConsulHttp.encode(service));
        int bare = path.length();
        appendWhere(path, options, index, hold);
        ConsulOptions.Selection selection = options.selection();
        append(path, "near", selection.near());
        append(path, "filter", selection.filter());
        selection.tags().forEach(tag -> append(path, "tag", tag));
        appendConsistency(path, options);
        if (path.length() > bare) {
            path.setCharAt(bare, '?');
        }
        return path.toString();
    }

    /**
     * A table, of wherever the services are asked for.
     *
     * @param start path and the beginning of a query, ready for more of it
     */
    static String table(String start, ConsulOptions options, long index, Duration hold) {
        StringBuilder more = new StringBuilder();
        appendWhere(more, options, index, hold);
        appendConsistency(more, options);
        return more.length() == 0 ? start.substring(0, start.length() - 1) : start + more.substring(1);
    }

    private static void appendWhere(StringBuilder path, ConsulOptions options, long index, Duration hold) {
        if (index > 0) {
            append(path, "index", String.valueOf(index));
            append(path, "wait", ConsulFormat.go(hold));
        }
        append(path, "dc", options.selection().datacenter());
        append(path, "ns", options.selection().namespace());
    }

    private static void appendConsistency(StringBuilder path, ConsulOptions options) {
        switch (options.consistency()) {
            case STALE -> path.append("&stale");
            case CONSISTENT -> path.append("&consistent");
            case DEFAULT -> {
                // what the server does by itself
            }
        }
    }

    private static void append(StringBuilder path, String name, @Nullable String value) {
        if (value != null) {
            path.append('&').append(name).append('=').append(ConsulHttp.encode(value));
        }
    }
}
