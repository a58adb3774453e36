// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/** The states of a guard. Programs compare these; what a guard says beside its state is for people. */
public enum GuardState {
    /** It admits and counts. */
    CLOSED,
    /** It has what it guards out, and waits. */
    OPEN,
    /** It has what it guards out, and lets single attempts through to find out if it is well again. */
    HALF_OPEN,
    /** An operator has it out; only an operator ends this. */
    FORCED_OPEN,
    /** An operator lets everything through uncounted; only an operator ends this. */
    DISABLED,
    /** It counts and admits everything, whatever it counts. */
    METRICS_ONLY
}
