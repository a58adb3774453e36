// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import com.sun.net.httpserver.Headers;
import io.fairlead.admin.Model.Detail;
import io.fairlead.admin.Model.Event;
import io.fairlead.balancer.Fairlead;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the answer to each request that is not a stream. Thread-safe. */
final class Answers {
    private static final String SERVICES = "/api/v1/services/";
    private static final String ACTIONS = "/api/v1/actions/";
    private static final int MOST_NAMED = 20;

    private final StatusReader reader;
    private final AdminGate gate;
    private final Page page = Page.load();
    private final @Nullable Actions actions;

    /** {@code actions} is null when there are none. */
    Answers(StatusReader reader, AdminGate gate, @Nullable Actions actions) {
        this.reader = reader;
        this.gate = gate;
        this.actions = actions;
    }

    AdminAnswer to(AdminRequest request, Headers headers) {
        String path = request.path();
        if (path.equals("/healthz")) {
            return AdminAnswer.text("ok\n");
        }
        if (!gate.isOurHost(headers)) {
            return AdminAnswer.problem(
                    403,
                    "Host: not a name of this server (expected: 127.0.0.1, [::1], localhost or a configured name)");
        }
        if (request.method().equals("POST")) {
            return post(request, headers);
        }
        if (!request.isRead()) {
            return AdminAnswer.problem(405, "method: " + request.method() + " (expected: GET)")
                    .with("Allow", "GET, HEAD, POST");
        }
        boolean mayRead = gate.mayRead(headers);
        if (path.equals("/")) {
            // The page itself has no secret; it asks for the token.
            String text = mayRead ? PlainText.of(reader.status()) : "";
            return new AdminAnswer(
                    200, AdminAnswer.HTML, page.with(text), Map.of("Content-Security-Policy", page.policy()));
        }
        return mayRead
                ? get(request)
                : AdminAnswer.problem(401, "token: absent or wrong (expected: header 'Authorization: Bearer …')")
                        .with("WWW-Authenticate", "Bearer");
    }

    private AdminAnswer get(AdminRequest request) {
        String path = request.path();
        if (path.equals("/api/v1/status")) {
            return AdminAnswer.json(reader.status());
        }
        if (path.equals("/status.txt")) {
            return AdminAnswer.text(PlainText.of(reader.status()));
        }
        if (path.equals("/api/v1/events")) {
            List<Event> events = reader.events().ring().after(request.number("after", 0));
            long last = events.isEmpty()
                    ? request.number("after", 0)
                    : events.get(0).seq();
            return AdminAnswer.json(new Model.EventPage(Model.VERSION, Moments.now(reader.clock()), events, last));
        }
        if (path.startsWith(SERVICES)) {
            String rest = path.substring(SERVICES.length());
            return rest.endsWith("/explain")
                    ? explain(rest.substring(0, rest.length() - "/explain".length()), request)
                    : detail(rest, request, false);
        }
        if (path.startsWith("/services/") && path.endsWith(".txt")) {
            return detail(path.substring("/services/".length(), path.length() - ".txt".length()), request, true);
        }
        return AdminAnswer.problem(
                404,
                "path: unknown (expected: /, /status.txt, /services/{service}.txt, /events, /healthz,"
                        + " /api/v1/status, /api/v1/events, /api/v1/services/{service} or …/explain)");
    }

    private AdminAnswer detail(String service, AdminRequest request, boolean asText) {
        reader.events().picks().arm();
        int limit = (int) Math.min(Integer.MAX_VALUE, request.number("limit", Integer.MAX_VALUE));
        Detail detail = reader.detail(service, limit);
        if (detail == null) {
            return unknown(service);
        }
        return asText ? AdminAnswer.text(PlainText.of(detail)) : AdminAnswer.json(detail);
    }

    private AdminAnswer explain(String service, AdminRequest request) {
        Fairlead fairlead = reader.services().get(service);
        Model.Explained found =
                fairlead == null ? null : RequestExplainer.explain(fairlead, service, request, reader.clock());
        return found == null ? unknown(service) : AdminAnswer.json(found);
    }

    private AdminAnswer unknown(String service) {
        List<String> known =
                reader.services().keySet().stream().limit(MOST_NAMED).toList();
        return AdminAnswer.problem(
                404,
                "service: '" + service + "' is not watched (expected: "
                        + (known.isEmpty()
                                ? "one that was called, there is none yet"
                                : "one of " + String.join(", ", known))
                        + ")");
    }

    private AdminAnswer post(AdminRequest request, Headers headers) {
        if (request.path().equals("/api/v1/session")) {
            return gate.hasBearer(headers)
                    ? new AdminAnswer(204, AdminAnswer.TEXT, "", Map.of("Set-Cookie", gate.cookieFor(headers)))
                    : AdminAnswer.problem(401, "token: absent or wrong (expected: header 'Authorization: Bearer …')");
        }
        if (!request.path().startsWith(ACTIONS)) {
            return AdminAnswer.problem(404, "path: no action (expected: /api/v1/actions/drain)");
        }
        if (actions == null) {
            return AdminAnswer.problem(403, "actions: off (expected: actions(true) on the builder, with a token)");
        }
        if (!gate.mayAct(headers)) {
            return AdminAnswer.problem(
                    403,
                    "token or Origin: absent or wrong (expected: the token, from a page of this server or in the header)");
        }
        return actions.act(request.path().substring(ACTIONS.length()), request);
    }
}
