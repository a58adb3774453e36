// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Explained;
import io.fairlead.admin.Model.ExplainedRow;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Fairlead;
import io.fairlead.spi.RequestFacts;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Why each instance can take a request that somebody typed in, or can not. */
final class RequestExplainer {
    private RequestExplainer() {}

    /** Null when nobody watches the service. */
    static @Nullable Explained explain(Fairlead fairlead, String service, AdminRequest request, Clock clock) {
        Explanation found = fairlead.explain(service, context(request));
        return found == null
                ? null
                : new Explained(
                        Model.VERSION,
                        Moments.now(clock),
                        found.service(),
                        found.policy(),
                        found.panic(),
                        found.known(),
                        found.usable(),
                        found.routes(),
                        found.instances().stream().map(RequestExplainer::row).toList());
    }

    private static ExplainedRow row(Explanation.InstanceExplanation each) {
        return new ExplainedRow(
                each.view().instance().id(),
                each.view().instance().authority(),
                EventLog.word(each.view().health().state()),
                each.eligible(),
                each.reason(),
                each.tier(),
                each.tierRatio(),
                each.weight().effective(),
                each.figure().toString(),
                each.toString());
    }

    /** {@code method}, {@code path}, any number of {@code header=Name: value}, and {@code key} for policies that hash. */
    private static PickContext context(AdminRequest request) {
        String method = request.first("method");
        String path = request.first("path");
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : request.all("header")) {
            int colon = header.indexOf(':');
            headers.put(
                    (colon < 0 ? header : header.substring(0, colon)).strip(),
                    colon < 0 ? "" : header.substring(colon + 1).strip());
        }
        String key = request.first("key");
        boolean plain = method == null && path == null && headers.isEmpty() && key == null;
        return plain
                ? PickContext.none()
                : PickContext.of(
                        new Typed(
                                method == null || method.isBlank() ? "GET" : method.toUpperCase(Locale.ROOT),
                                path == null || path.isBlank() ? "/" : withoutQuery(path),
                                headers),
                        key);
    }

    private static String withoutQuery(String path) {
        String only = List.of(path.split("\\?", 2)).get(0);
        return only.startsWith("/") ? only : "/" + only;
    }

    private record Typed(String method, String path, Map<String, String> headers) implements RequestFacts {
        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }
}
