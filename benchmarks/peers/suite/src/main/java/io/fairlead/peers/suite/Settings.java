// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

/**
 * How much is measured.
 *
 * @param rounds each gives every benchmark a fork of its own
 * @param iterations measured in a fork, after {@link #warmups()}
 * @param millis of one iteration
 * @param wanted regular expression that the name of a part, {@code section module threads}, must match
 */
record Settings(int rounds, int iterations, int millis, String wanted) {

    int warmups() {
        return 3;
    }

    String jvm() {
        return "-Xms1g -Xmx1g";
    }
}
