// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.balancer.Attempt;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where an answer leads on to, by the rules of the JDK's client. */
final class Redirects {
    /** As many as the JDK's client follows: one fewer than its limit. */
    static final int MOST = Integer.getInteger("jdk.httpclient.redirects.retrylimit", 5) - 1;

    /** What was meant for one server and is not told to another. */
    private static final Set<String> PRIVATE = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    static {
        PRIVATE.addAll(Set.of("Authorization", "Cookie", "Origin", "Referer", "Host"));
    }

    private Redirects() {}

    /**
     * The next hop, or null when the answer is the caller's.
     *
     * @throws IOException when there is no place to go to
     */
    static @Nullable HttpRequest next(HttpRequest request, Answer answer, Redirect policy) throws IOException {
        int status = answer.status();
        boolean leadsOn = status >= 301 && status <= 303 || status == 307 || status == 308;
        if (!leadsOn || policy == Redirect.NEVER) {
            return null;
        }
        URI to = place(request.uri(), answer);
        String scheme = to.getScheme();
        boolean isAllowed = policy == Redirect.ALWAYS
                || request.uri().getScheme().equalsIgnoreCase(scheme)
                || "https".equalsIgnoreCase(scheme);
        return isAllowed ? towards(to, method(status, request.method()), status != 303, request) : null;
    }

    private static URI place(URI from, Answer answer) throws IOException {
        String location = answer.headers()
                .firstValue("Location")
                .orElseThrow(
                        () -> new IOException("redirect " + answer.status() + " from " + from + " without Location"));
        try {
            URI to = from.resolve(new URI(location));
            return isAddressOf(answer, to) ? under(from, to) : to;
        } catch (URISyntaxException | IllegalArgumentException unreadable) {
            throw new IOException(
                    "redirect " + answer.status() + " from " + from + " to '" + printable(location)
                            + "' (expected: a URL)",
                    unreadable);
        }
    }

    /** An instance knows itself by the address that it was called by; it means the service. */
    private static boolean isAddressOf(Answer answer, URI to) {
        Attempt from = answer.from();
        URI real = answer.real();
        return from != null
                && to.getHost() != null
                && to.getHost().equalsIgnoreCase(real.getHost())
                && real.getScheme().equalsIgnoreCase(to.getScheme())
                && port(to) == port(real);
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private static URI under(URI service, URI to) throws URISyntaxException {
        String path = to.getRawPath();
        String query = to.getRawQuery();
        return new URI(
                service.getScheme() + "://" + service.getRawAuthority() + path + (query == null ? "" : "?" + query));
    }

    private static String method(int status, String method) {
        return switch (status) {
            case 303 -> "GET";
            case 301, 302 -> method.equals("POST") ? "GET" : method;
            default -> method;
        };
    }

    private static HttpRequest towards(URI to, String method, boolean mayHaveBody, HttpRequest from)
            throws IOException {
        HttpRequest.Builder next;
        try {
            next = HttpRequest.newBuilder(to);
        } catch (IllegalArgumentException unsupported) {
            throw new IOException(
                    "redirect from " + from.uri() + " to '" + printable(to.toString()) + "': "
                            + printable(String.valueOf(unsupported.getMessage())),
                    unsupported);
        }
        boolean isSame = isSameOrigin(from.uri(), to);
        from.headers().map().forEach((name, values) -> {
            if (isSame || !PRIVATE.contains(name)) {
                values.forEach(value -> next.header(name, value));
            }
        });
        from.version().ifPresent(next::version);
        from.timeout().ifPresent(next::timeout);
        next.expectContinue(from.expectContinue());
        BodyPublisher body = from.bodyPublisher().orElse(null);
        return body != null && mayHaveBody && method.equals(from.method())
                ? next.method(method, body).build()
                : withoutBody(next, method).build();
    }

    /** As the JDK's client makes a request without a body. */
    static HttpRequest.Builder withoutBody(HttpRequest.Builder next, String method) {
        return switch (method) {
            case "GET" -> next.GET();
            case "DELETE" -> next.DELETE();
            default -> next.method(method, BodyPublishers.noBody());
        };
    }

    private static boolean isSameOrigin(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && String.valueOf(one.getRawAuthority())
                        .toLowerCase(Locale.ROOT)
                        .equals(String.valueOf(other.getRawAuthority()).toLowerCase(Locale.ROOT));
    }

    /** Others' text does not break our lines. */
    static String printable(String text) {
        String cut = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return cut.replaceAll("[\\p{C}\\x{2028}\\x{2029}]+", "?");
    }
}
