// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.Registry;
import io.fairlead.balancer.Fairlead;
import io.fairlead.http.DiscoveryHttpClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The JDK's own client, guided: no other HTTP library needed. */
public final class JdkHttpClient {
    private JdkHttpClient() {}

    /** Calls {@code orders} by name, on the registry the first argument names (default {@code memory:}). */
    public static void main(String[] args) throws Exception {
        try (Registry registry = Registry.connect(args.length == 0 ? "memory:" : args[0]);
                Fairlead fairlead = Fairlead.create(registry)) {
            System.out.println(order(fairlead, 42).join());
        }
    }

    static CompletableFuture<String> order(Fairlead fairlead, int number) {
        HttpClient http = DiscoveryHttpClient.wrap(HttpClient.newHttpClient(), fairlead);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://orders/v1/" + number))
                .timeout(Duration.ofSeconds(2))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString())
                .thenApply(response -> response.statusCode() + " " + response.body());
    }
}
