// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import static java.time.Duration.ofSeconds;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.okhttp.DiscoveryInterceptor;
import io.fairlead.samples.demo.HttpInstance;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** A service registers itself and is called by name, on the registry the first argument names (default {@code memory:}). */
public final class RegisterAndCall {
    private RegisterAndCall() {}

    /** Runs it. */
    public static void main(String[] args) throws Exception {
        run(args.length == 0 ? "memory:" : args[0]);
    }

    static String run(String uri) throws Exception {
        try (HttpInstance server = HttpInstance.start("orders-1");
                Registry registry = Registry.connect(uri);
                Registration me = registry.register(
                        ServiceInstance.builder("orders")
                                .address("127.0.0.1", server.port())
                                .tag("v2")
                                .zone("eu-1a")
                                .build(),
                        HealthCheck.http("/health").every(ofSeconds(1)));
                Fairlead fairlead = Fairlead.create(registry)) {

            OkHttpClient http = new OkHttpClient.Builder()
                    .addInterceptor(DiscoveryInterceptor.of(fairlead))
                    .build();

            Request request = new Request.Builder().url("http://orders/v1/42").build();
            try (Response response = http.newCall(request).execute()) {
                me.idle();
                String body = response.body().string();
                System.out.print(body);
                return body;
            } finally {
                http.dispatcher().executorService().shutdown();
                http.connectionPool().evictAll();
            }
        }
    }
}
