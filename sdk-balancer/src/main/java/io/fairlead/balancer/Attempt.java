// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Outcome;
import io.fairlead.api.RouteFacts;
import io.fairlead.api.ServiceInstance;
import org.jspecify.annotations.Nullable;

/**
 * One try on one instance, from the pick to the end of the response body. Latency and the guard's window end with
 * {@link #complete}, in-flight ends with {@link #close}; each counts once however often it is called. Safe for any
 * thread. {@link Fairlead} makes them; whoever implements it for a test of a transport should expect it to get more methods.
 */
public interface Attempt extends AutoCloseable {
    /** The response header in which an instance reports its load, see {@link #reportLoad}. */
    String LOAD_HEADER = "endpoint-load-metrics";

    /** Where this attempt goes. */
    ServiceInstance instance();

    /** Which attempt of its call this is, from 1. */
    int number();

    /** What routing had to do with it; null when its service has no routes. */
    default @Nullable RouteFacts route() {
        return null;
    }

    /**
     * What its request says of its route in {@link CallSpec#ROUTE_HEADER}, in place of what the caller says there; null when its
     * rule does not tell, and then the header is left alone.
     */
    default @Nullable String toldRoute() {
        return null;
    }

    /** When it started, in the ticker's nanoseconds. */
    long startNanos();

    /** What happened, known at the response headers or at the failure. Only the first call counts. */
    void complete(Outcome outcome);

    /** What happened, with what its concurrency limit learns from it. Only the first call counts. */
    void complete(Verdict verdict);

    /**
     * The load its instance reported with the response.
     *
     * @param endpointLoadMetrics value of the response header {@link #LOAD_HEADER} in ORCA's text form, as in
     *     {@code TEXT application_utilization=0.4,named_metrics.rif=3}, {@code rif} being the requests the instance is
     *     working on; null, and whatever can not be read, is ignored
     */
    void reportLoad(@Nullable String endpointLoadMetrics);

    /** The response body is closed. An attempt never completed counts as {@link Outcome#IGNORED}. Idempotent. */
    @Override
    void close();
}
