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
        if (index > 0) {
            append(path, "index", String.valueOf(index));
            append(path, "wait", ConsulFormat.go(hold));
        }
        ConsulOptions.Selection selection = options.selection();
        append(path, "dc", selection.datacenter());
        append(path, "ns", selection.namespace());
        append(path, "near", selection.near());
        append(path, "filter", selection.filter());
        selection.tags().forEach(tag -> append(path, "tag", tag));
        switch (options.consistency()) {
            case STALE -> path.append("&stale");
            case CONSISTENT -> path.append("&consistent");
            case DEFAULT -> {
                // what the server does by itself
            }
        }
        if (path.length() > bare) {
            path.setCharAt(bare, '?');
        }
        return path.toString();
    }

    private static void append(StringBuilder path, String name, @Nullable String value) {
        if (value != null) {
            path.append('&').append(name).append('=').append(ConsulHttp.encode(value));
        }
    }
}
