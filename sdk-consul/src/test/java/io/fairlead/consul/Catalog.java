// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.function.UnaryOperator;

/** Writes into a real Consul: instances into its catalog, on a node without an agent, keys, tokens; as fast as it takes them. */
final class Catalog {
    private static final String NODE = "\"Node\":\"elsewhere\",\"Address\":\"10.1.1.1\",\"SkipNodeUpdate\":true";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;
    private final String token;

    Catalog(int port, String token) {
        this.url = "http://127.0.0.1:" + port + "/v1/";
        this.token = token;
    }

    /** One instance with a check that passes. */
    void instance(String service, String id, int port, int weight, String tag) {
        put(
                "catalog/register",
                "{" + NODE + ",\"Service\":{\"Service\":\"" + service + "\",\"ID\":\"" + id
                        + "\",\"Address\":\"10.0.0.1\",\"Port\":" + port + ",\"Tags\":[\"" + tag
                        + "\"],\"Weights\":{\"Passing\":" + weight + ",\"Warning\":1}},\"Check\":"
                        + check(id, "passing", "") + "}");
    }

    void status(String id, String status, String output) {
        put("catalog/register", "{" + NODE + ",\"Check\":" + check(id, status, output) + "}");
    }

    void remove(String id) {
        put("catalog/deregister", "{\"Node\":\"elsewhere\",\"ServiceID\":\"" + id + "\"}");
    }

    private static String check(String id, String status, String output) {
        return "{\"Node\":\"elsewhere\",\"CheckID\":\"service:" + id + "\",\"Name\":\"alive\",\"Status\":\"" + status
                + "\",\"ServiceID\":\"" + id + "\",\"Output\":\"" + output + "\"}";
    }

    /** The answer's body. */
    String put(String path, String body) {
        return send(path, token, request -> request.PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    void delete(String path) {
        String unused = send(path, token, HttpRequest.Builder::DELETE);
    }

    /** The answer's body, as somebody else sees it. */
    String get(String path, String othersToken) {
        return send(path, othersToken, HttpRequest.Builder::GET);
    }

    private String send(String path, String with, UnaryOperator<HttpRequest.Builder> method) {
        HttpRequest request = method.apply(HttpRequest.newBuilder(URI.create(url + path)))
                .header("X-Consul-Token", with)
                .build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
