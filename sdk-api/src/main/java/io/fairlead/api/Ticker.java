// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/**
 * Monotonic nanoseconds from an arbitrary origin: compare by subtraction only, values may be negative and wrap. Safe for
 * any thread.
 */
@FunctionalInterface
public interface Ticker {
    /** Nanoseconds since the origin. */
    long nanos();

    /** {@link System#nanoTime()}. */
    static Ticker system() {
        return System::nanoTime;
    }
}
