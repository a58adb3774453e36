// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Asks a server over HTTP whether it is up. */
final class HttpProbe {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private HttpProbe() {}

    /** The body of a 200, or null for anything else. */
    static @Nullable String get(String url, @Nullable SSLContext tls, String... headers) {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE);
        if (tls != null) {
            builder.sslContext(tls);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = builder.build().send(request.build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? response.body() : null;
        } catch (IOException notYet) {
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
