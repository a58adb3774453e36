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
    private final Gate gate;
    private final Page page = Page.load();
    private final @Nullable Actions actions;

    /** {@code actions} is null when there are none. */
    Answers(StatusReader reader, Gate gate, @Nullable Actions actions) {
        this.reader = reader;
        this.gate = gate;
        this.actions = actions;
    }

    Answer to(Request request, Headers headers) {
        String path = request.path();
        if (path.equals("/healthz")) {
            return Answer.text("ok\n");
        }
        if (!gate.isOurHost(headers)) {
            return Answer.problem(
                    403,
                    "Host: not a name of this server (expected: 127.0.0.1, [::1], localhost or a configured name)");
        }
        if (request.method().equals("POST")) {
            return post(request, headers);
        }
        if (!request.isRead()) {
            return Answer.problem(405, "method: " + request.method() + " (expected: GET)")
                    .with("Allow", "GET, HEAD, POST");
        }
        boolean mayRead = gate.mayRead(headers);
        if (path.equals("/")) {
            // The page itself has no secret; it asks for the token.
            String text = mayRead ? PlainText.of(reader.status()) : "";
            return new Answer(200, Answer.HTML, page.with(text), Map.of("Content-Security-Policy", page.policy()));
        }
        return mayRead
                ? get(request)
                : Answer.problem(401, "token: absent or wrong (expected: header 'Authorization: Bearer …')")
                        .with("WWW-Authenticate", "Bearer");
    }

    private Answer get(Request request) {
        String path = request.path();
        if (path.equals("/api/v1/status")) {
            return Answer.json(reader.status());
        }
        if (path.equals("/status.txt")) {
            return Answer.text(PlainText.of(reader.status()));
        }
        if (path.equals("/api/v1/events")) {
            List<Event> events = reader.events().ring().after(request.number("after", 0));
            long last = events.isEmpty()
                    ? request.number("after", 0)
                    : events.get(0).seq();
            return Answer.json(new Model.EventPage(Model.VERSION, Moments.now(reader.clock()), events, last));
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
        return Answer.problem(
                404,
                "path: unknown (expected: /, /status.txt, /services/{service}.txt, /events, /healthz,"
                        + " /api/v1/status, /api/v1/events, /api/v1/services/{service} or …/explain)");
    }

    private Answer detail(String service, Request request, boolean asText) {
        reader.events().picks().arm();
        int limit = (int) Math.min(Integer.MAX_VALUE, request.number("limit", Integer.MAX_VALUE));
        Detail detail = reader.detail(service, limit);
        if (detail == null) {
            return unknown(service);
        }
        return asText ? Answer.text(PlainText.of(detail)) : Answer.json(detail);
    }

    private Answer explain(String service, Request request) {
        Fairlead fairlead = reader.services().get(service);
        Model.Explained found = fairlead == null ? null : Explainer.explain(fairlead, service, request, reader.clock());
        return found == null ? unknown(service) : Answer.json(found);
    }

    private Answer unknown(String service) {
        List<String> known =
                reader.services().keySet().stream().limit(MOST_NAMED).toList();
        return Answer.problem(
                404,
                "service: '" + service + "' is not watched (expected: "
                        + (known.isEmpty()
                                ? "one that was called, there is none yet"
                                : "one of " + String.join(", ", known))
                        + ")");
    }

    private Answer post(Request request, Headers headers) {
        if (request.path().equals("/api/v1/session")) {
            return gate.hasBearer(headers)
                    ? new Answer(204, Answer.TEXT, "", Map.of("Set-Cookie", gate.cookieFor(headers)))
                    : Answer.problem(401, "token: absent or wrong (expected: header 'Authorization: Bearer …')");
        }
        if (!request.path().startsWith(ACTIONS)) {
            return Answer.problem(404, "path: no action (expected: /api/v1/actions/drain)");
        }
        if (actions == null) {
            return Answer.problem(403, "actions: off (expected: actions(true) on the builder, with a token)");
        }
        if (!gate.mayAct(headers)) {
            return Answer.problem(
                    403,
                    "token or Origin: absent or wrong (expected: the token, from a page of this server or in the header)");
        }
        return actions.act(request.path().substring(ACTIONS.length()), request);
    }
}
