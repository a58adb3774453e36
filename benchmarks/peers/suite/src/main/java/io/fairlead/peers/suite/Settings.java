// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

/**
 * How much is measured.
 *
 * @param rounds each gives every benchmark a fork of its own
 * @param warmups of 300 ms before the iterations of a fork
 * @param iterations measured in a fork
 * @param millis of one iteration
 * @param pairs rounds of the calls that are compared in pairs
 * @param wanted regular expression that the name of a part, {@code section whose threads}, must match
 */
record Settings(int rounds, int warmups, int iterations, int millis, int pairs, String wanted) {

    static Settings of(String[] args) {
        return new Settings(
                number(args[0]), number(args[1]), number(args[2]), number(args[3]), number(args[4]), args[5]);
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    String warmup() {
        return "300ms";
    }

    String jvm() {
        return "-Xms1g -Xmx1g";
    }
}
