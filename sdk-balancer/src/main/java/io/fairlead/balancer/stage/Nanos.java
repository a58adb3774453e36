// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A user's duration in nanoseconds, which hold 292 years: "for ever" is the longest that may still be added to a moment. */
public final class Nanos {
    /** 73 years: a few of them fit into a long together. */
    static final long MOST = Long.MAX_VALUE / 4;

    private Nanos() {}

    public static long of(Duration duration) {
        return Math.max(-MOST, Math.min(MOST, TimeUnit.NANOSECONDS.convert(duration)));
    }
}
