// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a registry learns whether an instance is well. An immutable value. Consul's agent runs HTTP, TCP and gRPC checks
 * itself; with etcd and the in-memory registry the registering process runs them, against its own address unless
 * {@link #endpoint} says otherwise.
 *
 * @param kind what is done
 * @param target HTTP: path, with a leading slash; gRPC: service name, empty for the whole server; else empty
 * @param interval time between checks; for TTL the time to live, after which silence counts as failure
 * @param timeout longest wait for one check
 * @param failuresBeforeCritical failures in a row that make the instance {@link InstanceStatus#CRITICAL}
 * @param successesBeforePassing successes in a row that make it {@link InstanceStatus#PASSING} again
 * @param deregisterAfter how long it may be critical before the registry drops it; null means never
 * @param endpoint where it connects; by default to the instance itself
 */
public record HealthCheck(
        Kind kind,
        String target,
        Duration interval,
        Duration timeout,
        int failuresBeforeCritical,
        int successesBeforePassing,
        @Nullable Duration deregisterAfter,
        CheckEndpoint endpoint) {

    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration DEFAULT_TTL = Duration.ofSeconds(15);
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration DEFAULT_DEREGISTER_AFTER = Duration.ofMinutes(1);

    /** What a health check does. */
    public enum Kind {
        /** Nothing: the instance counts as passing while it is registered. */
        NONE,
        /** The process reports by itself; silence longer than the interval is failure. */
        TTL,
        /** GET on a path; 2xx passes, 429 warns, anything else fails. */
        HTTP,
        /** A TCP connection is made and closed. */
        TCP,
        /** The standard gRPC health service, {@code grpc.health.v1.Health/Check}; SERVING passes. */
        GRPC
    }

    /** Validates every component; a bad one throws {@link IllegalArgumentException}. */
    public HealthCheck {
        if (kind == null) {
            throw new IllegalArgumentException("kind: null (expected: NONE, TTL, HTTP, TCP or GRPC)");
        }
        if (kind == Kind.HTTP && (target == null || !target.startsWith("/") || hasControl(target))) {
            throw new IllegalArgumentException(
                    "HTTP check target: " + Names.quote(target) + " (expected: a path, as in '/health')");
        }
        if (target == null || hasControl(target) || target.length() > 1_024) {
            throw new IllegalArgumentException("target: " + Names.quote(target) + " (expected: up to 1024 characters)");
        }
        requireAtLeast("interval", interval, Duration.ofMillis(100));
        requireAtLeast("timeout", timeout, Duration.ofMillis(10));
        Names.requireRange("failuresBeforeCritical", failuresBeforeCritical, 1, 100);
        Names.requireRange("successesBeforePassing", successesBeforePassing, 1, 100);
        if (deregisterAfter != null) {
            requireAtLeast("deregisterAfter", deregisterAfter, Duration.ofSeconds(1));
        }
        if (endpoint == null) {
            throw new IllegalArgumentException("endpoint: null (expected: CheckEndpoint.ofInstance() or another)");
        }
    }

    /** A check of the instance's own address. */
    public HealthCheck(
            Kind kind,
            String target,
            Duration interval,
            Duration timeout,
            int failuresBeforeCritical,
            int successesBeforePassing,
            @Nullable Duration deregisterAfter) {
        this(
                kind,
                target,
                interval,
                timeout,
                failuresBeforeCritical,
                successesBeforePassing,
                deregisterAfter,
                CheckEndpoint.ofInstance());
    }

    /** No check. */
    public static HealthCheck none() {
        return of(Kind.NONE, "", DEFAULT_INTERVAL);
    }

    /** The process reports by itself, time to live 15 s, a beat every third of it. */
    public static HealthCheck ttl() {
        return of(Kind.TTL, "", DEFAULT_TTL);
    }

    /** GET on {@code path} every 10 s. */
    public static HealthCheck http(String path) {
        return of(Kind.HTTP, path, DEFAULT_INTERVAL);
    }

    /** A TCP connection every 10 s. */
    public static HealthCheck tcp() {
        return of(Kind.TCP, "", DEFAULT_INTERVAL);
    }

    /** The gRPC health service every 10 s, asked for {@code service}; empty asks for the whole server. */
    public static HealthCheck grpc(String service) {
        return of(Kind.GRPC, service, DEFAULT_INTERVAL);
    }

    /** This check with another interval (TTL: time to live), at least 100 ms. */
    public HealthCheck every(Duration value) {
        return new HealthCheck(
                kind,
                target,
                value,
                timeout,
                failuresBeforeCritical,
                successesBeforePassing,
                deregisterAfter,
                endpoint);
    }

    /** This check with another timeout; default 2 s, at least 10 ms. */
    public HealthCheck timeout(Duration value) {
        return new HealthCheck(
                kind,
                target,
                interval,
                value,
                failuresBeforeCritical,
                successesBeforePassing,
                deregisterAfter,
                endpoint);
    }

    /** This check with another number of failures in a row before critical, 1 to 100; default 1. */
    public HealthCheck failuresBeforeCritical(int value) {
        return new HealthCheck(
                kind, target, interval, timeout, value, successesBeforePassing, deregisterAfter, endpoint);
    }

    /** This check with another number of successes in a row before passing, 1 to 100; default 1. */
    public HealthCheck successesBeforePassing(int value) {
        return new HealthCheck(
                kind, target, interval, timeout, failuresBeforeCritical, value, deregisterAfter, endpoint);
    }

    /** This check with another time until a critical instance is dropped; default 1 min, null means never. */
    public HealthCheck deregisterAfter(@Nullable Duration value) {
        return new HealthCheck(
                kind, target, interval, timeout, failuresBeforeCritical, successesBeforePassing, value, endpoint);
    }

    /** This check at another port, as of a management server, 1 to 65535; default the instance's. */
    public HealthCheck port(int value) {
        return at(endpoint.withPort(value));
    }

    /** This check connecting elsewhere: other host, port, scheme, or TLS options. */
    public HealthCheck at(CheckEndpoint value) {
        return new HealthCheck(
                kind,
                target,
                interval,
                timeout,
                failuresBeforeCritical,
                successesBeforePassing,
                deregisterAfter,
                value);
    }

    private static HealthCheck of(Kind kind, String target, Duration interval) {
        return new HealthCheck(kind, target, interval, DEFAULT_TIMEOUT, 1, 1, DEFAULT_DEREGISTER_AFTER);
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(c -> c <= ' ' || c == 127);
    }

    private static void requireAtLeast(String what, Duration value, Duration min) {
        if (value == null || value.compareTo(min) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + min + "..PT24H)");
        }
    }
}
