// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Copies of a rule's calls that another subset gets and nobody waits for. An immutable value.
 *
 * @param to the subset that gets the copies
 * @param percent which part of the calls is copied, 0 to 100 with at most four decimals; default 100
 * @param maxBody bytes up to which a body is copied, 0 to 16 MiB; a call with a larger one is not; default 64 KiB
 * @param inFlight copies under way at once, 1 to 1,024; what is more is dropped and counted; default 32
 * @param timeout longest time of a copy, above zero, up to 60 s; default 2 s
 * @param methods which methods are copied, in upper case; default GET and HEAD
 * @param credentials whether copies keep {@code Authorization} and cookies; default false
 */
public record Mirror(
        String to,
        BigDecimal percent,
        int maxBody,
        int inFlight,
        Duration timeout,
        Set<String> methods,
        boolean credentials) {
    static final int MOST_BODY = 16 << 20;
    static final int MOST_IN_FLIGHT = 1_024;
    static final Duration LONGEST = Duration.ofSeconds(60);

    /** Copies the methods. */
    public Mirror {
        percent = Decimals.plain(percent);
        methods = Collections.unmodifiableSet(new LinkedHashSet<>(methods));
    }

    /** All GET and HEAD calls; bodies up to 64 KiB, 32 at once, 2 s each, without credentials. */
    public static Mirror to(String subset) {
        Set<String> safe = new LinkedHashSet<>(List.of("GET", "HEAD"));
        return new Mirror(subset, BigDecimal.valueOf(100), 64 << 10, 32, Duration.ofSeconds(2), safe, false);
    }

    /** This with another part of the calls, as in {@code 0.5}. */
    public Mirror withPercent(String value) {
        return new Mirror(to, new BigDecimal(value), maxBody, inFlight, timeout, methods, credentials);
    }

    /** This with another largest body, in bytes. */
    public Mirror withMaxBody(int value) {
        return new Mirror(to, percent, value, inFlight, timeout, methods, credentials);
    }

    /** This with another number of copies at once. */
    public Mirror withInFlight(int value) {
        return new Mirror(to, percent, maxBody, value, timeout, methods, credentials);
    }

    /** This with another longest time of a copy. */
    public Mirror withTimeout(Duration value) {
        return new Mirror(to, percent, maxBody, inFlight, value, methods, credentials);
    }

    /** This for these methods, and no others. */
    public Mirror withMethods(String... values) {
        Set<String> only = new LinkedHashSet<>(List.of(values));
        return new Mirror(to, percent, maxBody, inFlight, timeout, only, credentials);
    }

    /** This with credentials in the copies, or without. */
    public Mirror withCredentials(boolean value) {
        return new Mirror(to, percent, maxBody, inFlight, timeout, methods, value);
    }

    /** In millionths of the calls, of a mirror that was checked. */
    public int millionths() {
        return (int) Decimals.scaled(percent);
    }
}
