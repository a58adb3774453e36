// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.CheckEndpoint;
import io.fairlead.api.HealthCheck;
import java.time.Duration;

/**
 * A health check that the balancer makes of each instance, beside what the registry says and what calls show: for
 * services with so few calls that failures are found too late. Every client then checks every instance, so with many
 * clients prefer the registry's checks. An immutable value, safe for any thread.
 *
 * <p>Every 10 s, give or take a tenth, with 1 s of patience; three failures in a row take the instance out, two successes
 * in a row let live probes bring it back. The address is resolved and judged by the {@link AddressPolicy} each time.
 */
public final class ActiveCheck {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final int FAILURES = 3;
    private static final int SUCCESSES = 2;

    private final HealthCheck check;

    private ActiveCheck(HealthCheck check) {
        this.check = check;
    }

    /** GET on {@code path}, with a leading slash; 2xx and 429 pass. */
    public static ActiveCheck http(String path) {
        return usual(HealthCheck.http(path));
    }

    /** A TCP connection is made and closed. */
    public static ActiveCheck tcp() {
        return usual(HealthCheck.tcp());
    }

    /** The gRPC health service over HTTP/2, cleartext unless the scheme is {@code https}, asked for {@code service}; empty asks for the whole server. */
    public static ActiveCheck grpc(String service) {
        return usual(HealthCheck.grpc(service));
    }

    /** This check with another interval, 100 ms to 24 h; default 10 s. */
    public ActiveCheck every(Duration interval) {
        return new ActiveCheck(check.every(interval));
    }

    /** This check with another longest wait, 10 ms to 24 h; default 1 s. */
    public ActiveCheck timeout(Duration value) {
        return new ActiveCheck(check.timeout(value));
    }

    /** This check with another number of failures in a row that take an instance out, 1 to 100; default 3. */
    public ActiveCheck failures(int inARow) {
        return new ActiveCheck(check.failuresBeforeCritical(inARow));
    }

    /** This check with another number of successes in a row after which it passes, 1 to 100; default 2. */
    public ActiveCheck successes(int inARow) {
        return new ActiveCheck(check.successesBeforePassing(inARow));
    }

    /**
     * This check connecting elsewhere, as to a management port, or with other TLS options; default the instance's own
     * address and scheme, certificates verified by the JVM's default {@link javax.net.ssl.SSLContext}.
     */
    public ActiveCheck at(CheckEndpoint endpoint) {
        return new ActiveCheck(check.at(endpoint));
    }

    public HealthCheck check() {
        return check;
    }

    private static ActiveCheck usual(HealthCheck check) {
        return new ActiveCheck(check.timeout(TIMEOUT)
                .failuresBeforeCritical(FAILURES)
                .successesBeforePassing(SUCCESSES)
                .deregisterAfter(null));
    }
}
