// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Fairlead;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** Sets an OkHttp client up for calls to services. Stateless, safe for any thread. */
public final class DiscoveryOkHttp {
    /** Asynchronous calls at once, in all and to one service. */
    public static final int MAX_REQUESTS = 512;

    private static final long KEEP_ALIVE_MINUTES = 5;

    private DiscoveryOkHttp() {}

    /** A client with every default of OkHttp but what {@link #configure} sets. */
    public static OkHttpClient newClient(Fairlead fairlead) {
        return configure(new OkHttpClient.Builder(), fairlead).build();
    }

    /**
     * Adds the interceptor in both its places, and a dispatcher of its own that allows 512 asynchronous calls at once:
     * OkHttp counts calls by the URL's host, so its default of five a host would be five a <em>service</em>, however many
     * instances it has. Also a connection pool of its own that keeps as many idle connections, for five minutes: OkHttp's
     * default of five in all would open one for nearly every call to more than five instances. Whoever needs a dispatcher of
     * their own sets it afterwards, with {@code setMaxRequestsPerHost} raised. Synchronous calls do not pass the
     * dispatcher's limits.
     */
    public static OkHttpClient.Builder configure(OkHttpClient.Builder builder, Fairlead fairlead) {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(MAX_REQUESTS);
        dispatcher.setMaxRequestsPerHost(MAX_REQUESTS);
        DiscoveryInterceptor discovery = DiscoveryInterceptor.of(fairlead);
        return builder.addInterceptor(discovery)
                .addNetworkInterceptor(discovery)
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(MAX_REQUESTS, KEEP_ALIVE_MINUTES, TimeUnit.MINUTES));
    }
}
