// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Moments as people and programs read them: ISO 8601 in UTC, to the millisecond. */
final class Moments {
    private Moments() {}

    static String at(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    static String now(Clock clock) {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** When something began that has lasted so long. */
    static String ago(Clock clock, Duration lasted) {
        return at(clock.millis() - lasted.toMillis());
    }
}
