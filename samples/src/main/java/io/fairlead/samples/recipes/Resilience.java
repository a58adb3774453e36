// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.Registry;
import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.Throttle;
import io.fairlead.okhttp.DiscoveryInterceptor;
import java.time.Duration;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** What is off unless asked for: a rate limit, a throttle, limits of concurrency, hedges, and a fallback. */
public final class Resilience {
    private static final MediaType JSON = MediaType.get("application/json");

    private Resilience() {}

    /** A balancer with every stage on. */
    public static Fairlead careful(Registry registry) {
        return Fairlead.builder(registry)
                .forService(
                        "payments", o -> o.withRateLimit(RateLimit.of(50, 10).withMaxWait(Duration.ofMillis(200))))
                .throttle(Throttle.defaults())
                .retries(Retries.defaults().withAttempts(2).withBudget(0.1, 3))
                .concurrencyLimits(ConcurrencyLimits.defaults())
                .hedging(Hedging.defaults().withMaxExtraLoad(0.05))
                .build();
    }

    /** A client that answers with an empty list when everything else has failed. */
    public static OkHttpClient withFallback(Fairlead fairlead) {
        return new OkHttpClient.Builder()
                .addInterceptor(DiscoveryInterceptor.of(fairlead)
                        .withFallback((request, failed) -> new Response.Builder()
                                .request(request)
                                .protocol(Protocol.HTTP_1_1)
                                .code(200)
                                .message("OK")
                                .body(ResponseBody.create("[]", JSON))
                                .build()))
                .build();
    }
}
