// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What a case asks for, in nobody's words. With {@code anyWindow} a breaker may count the way it can. Opens at or above a failure rate in percent; what is thrown counts as a failure
 * if it is an {@link IOException} and {@code recordsOnly} is set, and is ignored if it is {@link Ignored}.
 */
record Setup(
        boolean timed,
        boolean anyWindow,
        int size,
        int minimum,
        int failureRate,
        int slowRate,
        Duration slowAfter,
        Duration open,
        double multiplier,
        int probes,
        boolean early,
        boolean recordsOnly,
        Predicate<Object> badResult) {

    /** What every adapter is told to ignore. */
    static final class Ignored extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** An {@link IOException} that is ignored all the same. */
    static final class IgnoredIo extends IOException {
        private static final long serialVersionUID = 1L;
    }

    static Setup count(int size, int minimum, int failureRate) {
        return new Setup(
                false,
                false,
                size,
                minimum,
                failureRate,
                100,
                Duration.ZERO,
                Duration.ofSeconds(5),
                1,
                4,
                false,
                false,
                result -> false);
    }

    /** How calls are counted is not what the case is about. */
    static Setup any() {
        Setup of = count(10, 2, 50);
        return new Setup(
                false,
                true,
                of.size,
                of.minimum,
                of.failureRate,
                of.slowRate,
                of.slowAfter,
                of.open,
                of.multiplier,
                of.probes,
                of.early,
                of.recordsOnly,
                of.badResult);
    }

    /** Buckets of a second. */
    static Setup time(int buckets, int minimum, int failureRate) {
        Setup of = count(buckets, minimum, failureRate);
        return new Setup(
                true,
                false,
                buckets,
                minimum,
                failureRate,
                100,
                of.slowAfter,
                of.open,
                of.multiplier,
                of.probes,
                of.early,
                of.recordsOnly,
                of.badResult);
    }

    Setup slow(Duration after, int rate) {
        return new Setup(
                timed,
                anyWindow,
                size,
                minimum,
                failureRate,
                rate,
                after,
                open,
                multiplier,
                probes,
                early,
                recordsOnly,
                badResult);
    }

    Setup open(Duration time, double growth) {
        return new Setup(
                timed,
                anyWindow,
                size,
                minimum,
                failureRate,
                slowRate,
                slowAfter,
                time,
                growth,
                probes,
                early,
                recordsOnly,
                badResult);
    }

    Setup probes(int calls, boolean decideEarly) {
        return new Setup(
                timed,
                anyWindow,
                size,
                minimum,
                failureRate,
                slowRate,
                slowAfter,
                open,
                multiplier,
                calls,
                decideEarly,
                recordsOnly,
                badResult);
    }

    Setup classifying(Predicate<Object> bad) {
        return new Setup(
                timed,
                anyWindow,
                size,
                minimum,
                failureRate,
                slowRate,
                slowAfter,
                open,
                multiplier,
                probes,
                early,
                true,
                bad);
    }
}
