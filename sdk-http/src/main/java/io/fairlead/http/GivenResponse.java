// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A response as the caller sees it: asked for under the service's name. An immutable value.
 *
 * @param <T> what the body became
 */
final class GivenResponse<T> implements HttpResponse<T> {
    private final HttpRequest request;
    private final Answer answer;
    private final @Nullable HttpResponse<T> previous;
    private final @Nullable T body;

    /** With a body, or without one for a hop that led on. */
    GivenResponse(HttpRequest request, Answer answer, @Nullable HttpResponse<T> previous, @Nullable T body) {
        this.request = request;
        this.answer = answer;
        this.previous = previous;
        this.body = body;
    }

    @Override
    public int statusCode() {
        return answer.status();
    }

    @Override
    public HttpRequest request() {
        return request;
    }

    @Override
    public Optional<HttpResponse<T>> previousResponse() {
        return Optional.ofNullable(previous);
    }

    @Override
    public HttpHeaders headers() {
        return answer.headers();
    }

    @Override
    @SuppressWarnings("NullAway") // null is what the JDK's client has for an empty body, too
    public T body() {
        return body;
    }

    @Override
    public Optional<SSLSession> sslSession() {
        return answer.response().sslSession();
    }

    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public HttpClient.Version version() {
        return answer.response().version();
    }

    @Override
    public String toString() {
        return "(" + request.method() + " " + request.uri() + ") " + statusCode();
    }
}
