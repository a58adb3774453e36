// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import java.time.Duration;

/**
 * How often a registration is tended and how long its end may take.
 *
 * @param beat time between signs of life; a TTL check beats at least three times in its time to live
 * @param readBack time between read-backs of our own record, jittered by ±20 %
 * @param propagation wait between the draining mark and deregistration, so that others can have seen it
 * @param inFlight longest wait for calls in flight after deregistration
 * @param deadline longest time a close may take in all
 */
public record RegistrationTiming(
        Duration beat, Duration readBack, Duration propagation, Duration inFlight, Duration deadline) {

    /** Rejects negative durations and a zero beat or read-back. */
    public RegistrationTiming {
        requirePositive("beat", beat);
        requirePositive("readBack", readBack);
        requireNotNegative("propagation", propagation);
        requireNotNegative("inFlight", inFlight);
        requireNotNegative("deadline", deadline);
    }

    /** Beat 5 s, read-back 30 s, propagation 1 s, in-flight 10 s, deadline 15 s. */
    public static RegistrationTiming defaults() {
        return new RegistrationTiming(
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15));
    }

    /** These timings with another wait for others to see the draining mark. */
    public RegistrationTiming withPropagation(Duration value) {
        return new RegistrationTiming(beat, readBack, value, inFlight, deadline);
    }

    /** These timings with another longest wait for calls in flight. */
    public RegistrationTiming withInFlight(Duration value) {
        return new RegistrationTiming(beat, readBack, propagation, value, deadline);
    }

    /** These timings with another time between signs of life. */
    public RegistrationTiming withBeat(Duration value) {
        return new RegistrationTiming(value, readBack, propagation, inFlight, deadline);
    }

    /** These timings with another time between read-backs. */
    public RegistrationTiming withReadBack(Duration value) {
        return new RegistrationTiming(beat, value, propagation, inFlight, deadline);
    }

    private static void requirePositive(String what, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: above zero)");
        }
    }

    private static void requireNotNegative(String what, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: zero or more)");
        }
    }
}
