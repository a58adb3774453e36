// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.benchmarks.paired.Pairs;
import io.fairlead.benchmarks.paired.Servers;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.okhttp.DiscoveryOkHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * A GET over loopback to one of three servers: by three plain URLs, by a hand-written rewriting interceptor, by ours, in
 * pairs. Arguments: file to write, rounds.
 */
public final class InterceptorPairs {
    private final AtomicInteger turn = new AtomicInteger();
    private final List<Request> requests = new ArrayList<>();

    private InterceptorPairs() {}

    /** Measures. */
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            throw new IllegalArgumentException("expected: <file to write> <rounds>");
        }
        MemoryRegistry registry = MemoryRegistry.create();
        try (Servers servers = Servers.start(3);
                Fairlead fairlead =
                        Fairlead.builder(registry).policy("round_robin").build()) {
            String json = new InterceptorPairs().run(servers.ports(), registry, fairlead, Integer.parseInt(args[1]));
            write(Path.of(args[0]), json);
        }
        // OkHttp's threads would stay for a minute
        System.exit(0);
    }

    private String run(List<Integer> ports, MemoryRegistry registry, Fairlead fairlead, int rounds) throws Exception {
        for (int port : ports) {
            requests.add(new Request.Builder()
                    .url("http://127.0.0.1:" + port + "/v1/42")
                    .build());
            registry.register(
                    ServiceInstance.builder("orders")
                            .id("i" + port)
                            .address("127.0.0.1", port)
                            .build(),
                    HealthCheck.none());
        }
        OkHttpClient plain = new OkHttpClient();
        OkHttpClient rewriting = new OkHttpClient.Builder()
                .addInterceptor(chain -> {
                    HttpUrl target = next().url();
                    return chain.proceed(
                            chain.request().newBuilder().url(target).build());
                })
                .build();
        OkHttpClient ours = DiscoveryOkHttp.newClient(fairlead);
        Request logical = new Request.Builder().url("http://orders/v1/42").build();
        return new Pairs(rounds)
                .variant("plain", () -> get(plain, next()))
                .variant("hand_written", () -> get(rewriting, logical))
                .variant("fairlead", () -> get(ours, logical))
                .compare("hand_written", "plain")
                .compare("fairlead", "plain")
                .compare("fairlead", "hand_written")
                .run();
    }

    private Request next() {
        return requests.get(Integer.remainderUnsigned(turn.getAndIncrement(), requests.size()));
    }

    private static long get(OkHttpClient client, Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().bytes().length;
        }
    }

    private static void write(Path file, String json) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Map<String, JsonNode> results = new LinkedHashMap<>();
        results.put("machine", mapper.valueToTree(Machine.describe()));
        mapper.readTree(json).properties().forEach(each -> results.put(each.getKey(), each.getValue()));
        Files.writeString(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(results) + "\n");
    }
}
