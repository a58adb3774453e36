// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import io.fairlead.samples.demo.HttpInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A Consul's own API, one raft entry for each write, so that its index can be moved to a number. Not thread-safe. */
final class RawConsul {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String base;
    private final String token;

    RawConsul(int port, String token) {
        this.base = "http://127.0.0.1:" + port;
        this.token = token;
    }

    /** On a node that runs no agent: nobody but us writes there. */
    void register(HttpInstance instance) {
        ask(
                "PUT",
                "/v1/catalog/register",
                "{\"Node\":\"outside\",\"Address\":\"127.0.0.1\",\"SkipNodeUpdate\":false,\"Service\":{\"ID\":\""
                        + instance.id() + "\",\"Service\":\"orders\",\"Address\":\"127.0.0.1\",\"Port\":"
                        + instance.port() + "}}");
    }

    /** Writes until the next write will have the index after this one. */
    void moveTo(long index) {
        long reached = 0;
        while (reached < index) {
            ask("PUT", "/v1/kv/a", "x" + reached); // the same again would be no write
            reached = ask("GET", "/v1/kv/a", "")
                    .headers()
                    .firstValueAsLong("X-Consul-Index")
                    .orElse(0);
        }
    }

    long index(String service) {
        return ask("GET", "/v1/health/service/" + service, "")
                .headers()
                .firstValueAsLong("X-Consul-Index")
                .orElse(0);
    }

    private HttpResponse<String> ask(String method, String path, String body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (!token.isEmpty()) {
                request.header("X-Consul-Token", token);
            }
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(path + " answered " + answer.statusCode() + ": " + answer.body());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
