// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.registries;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.function.Consumer;

/** Consul as somebody without a library would use it: the baseline, on the JDK's client alone. */
final class RawConsul {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String base;

    RawConsul(int port) {
        this.base = "http://127.0.0.1:" + port;
    }

    void register(String service, String id, int number) {
        String body = "{\"Name\":\"" + service + "\",\"ID\":\"" + id
                + "\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Meta\":{\"v\":\"" + number + "\"}}";
        put("/v1/agent/service/register", body);
    }

    /** In the catalog, on a node without an agent: an agent's own registrations get slower with their number. */
    void catalog(String service, String id, int number) {
        String body = "{\"Node\":\"external\",\"Address\":\"10.0.0.1\",\"Service\":{\"Service\":\"" + service
                + "\",\"ID\":\"" + id + "\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Meta\":{\"v\":\"" + number
                + "\"}}}";
        put("/v1/catalog/register", body);
    }

    /** Held queries on a thread of its own, until Consul is gone; each body goes to {@code onBody}. */
    void follow(String service, Consumer<String> onBody) {
        Thread thread = new Thread(() -> {
            String index = "0";
            while (!Thread.currentThread().isInterrupted()) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create(base + "/v1/health/service/" + service + "?wait=30s&index=" + index))
                        .build();
                HttpResponse<String> response;
                try {
                    response = send(request);
                } catch (UncheckedIOException gone) {
                    return;
                }
                index = response.headers().firstValue("X-Consul-Index").orElse("0");
                onBody.accept(response.body());
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void put(String path, String body) {
        send(HttpRequest.newBuilder(URI.create(base + path))
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException ending) {
            throw new IllegalStateException(ending);
        }
    }
}
