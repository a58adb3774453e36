// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/**
 * What routing had to do with one attempt. An immutable value; the same object for all attempts of which the same is true.
 *
 * @param rule the name of the rule that decided, {@code default} when none matched
 * @param assigned the subset that the rule, or its draw, gave the call
 * @param used the subset in which the attempt's instance was picked, {@code any} for all of the service
 * @param why what kind of attempt it is
 * @param table which of the service's tables of routes, in the order they came into force in this process, from 1
 */
public record RouteFacts(String rule, String assigned, String used, Why why, long table) {

    /** What kind of attempt it is. */
    public enum Why {
        /** The call's first, in the subset it was assigned to. */
        FIRST,
        /** The call's first, in another subset, because nobody was usable in the one it was assigned to. */
        FALLBACK,
        /** After an attempt that failed. */
        RETRY,
        /** Beside an attempt that is slow. */
        HEDGE,
        /** The call's first, on an ejected instance, to find out whether it is well again. */
        PROBE
    }

    /** As in {@code beta/canary}, or {@code beta/canary>stable} where another subset is used than was assigned. */
    @Override
    public String toString() {
        return rule + '/' + assigned + (used.equals(assigned) ? "" : '>' + used);
    }
}
