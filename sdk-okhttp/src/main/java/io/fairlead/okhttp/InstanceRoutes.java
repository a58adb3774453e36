// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Dns;
import okhttp3.Response;

/** One {@link InstanceRoute} per instance and logical host, forgotten when unused for ten minutes. */
final class InstanceRoutes {
    private static final Duration UNUSED = Duration.ofMinutes(10);
    private static final int MOST = 100_000;

    private final Cache<Key, InstanceRoute> routes =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(UNUSED).build();

    private final AddressPolicy policy;
    /** Where the call of this thread is going, until a connection to elsewhere was left. */
    private final ThreadLocal<InstanceRoute.Heading> heading = new ThreadLocal<>();

    InstanceRoutes(AddressPolicy policy) {
        this.policy = policy;
    }

    /** Sending one request. */
    @FunctionalInterface
    interface Send {
        Response proceed() throws IOException;
    }

    private record Key(String logicalHost, String id, String host, int port, Dns others) {}

    InstanceRoute of(ServiceInstance instance, String logicalHost, Dns others) {
        Key key = new Key(logicalHost, instance.id(), instance.host(), instance.port(), others);
        return routes.get(key, missing -> unpooled(instance, logicalHost, others));
    }

    /** A route of its own, to which no connection of the pool belongs. */
    InstanceRoute unpooled(ServiceInstance instance, String logicalHost, Dns others) {
        return new InstanceRoute(instance, logicalHost, others, policy, heading);
    }

    /** Sends over connections of this route only: the one that the call still has to another instance is left. */
    Response heading(InstanceRoute route, Send send) throws IOException {
        // An interceptor behind ours may call another service on this thread meanwhile.
        InstanceRoute.Heading outer = heading.get();
        heading.set(route.heading());
        try {
            return send.proceed();
        } finally {
            if (outer == null) {
                heading.remove();
            } else {
                heading.set(outer);
            }
        }
    }
}
