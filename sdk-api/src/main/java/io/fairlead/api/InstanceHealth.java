// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.Objects;

/**
 * The one health state of an instance as a balancer sees it, derived from everything that is known of it: registry,
 * guard, comparison with its peers, active check, slow start. An immutable value, safe for any thread.
 *
 * @param state the one word
 * @param reason what put it there, as in {@code "guard"}, {@code "peers"}, {@code "active check"}; empty when active
 * @param evidence what was seen, as in {@code "5 failures in a row"}; empty when there is nothing to say
 * @param sinceNanos when it came into this state, in the ticker's nanoseconds
 */
public record InstanceHealth(State state, String reason, String evidence, long sinceNanos) {

    /** Where an instance stands. When several apply, the one further down counts. */
    public enum State {
        /** Takes its full share. */
        ACTIVE,
        /** New or just back: its share grows. */
        WARMING,
        /** Would be taken out, but too many others are: it serves at a fifth of its weight. */
        DEGRADED,
        /** Out, and one live call at a time finds out whether it is well again. */
        PROBING,
        /** Out, for its own failures or for being worse than its peers, until the wait is over and probes succeed. */
        EJECTED,
        /** Out because the balancer's own check fails; not probed by live calls until the check passes. */
        CHECK_FAILED,
        /** The registry says that it is critical. */
        REGISTRY_DOWN,
        /** It said that it is leaving: no new calls. */
        DRAINING;

        /** Whether ordinary calls go here while enough instances are well. */
        public boolean isServing() {
            return this == ACTIVE || this == WARMING || this == DEGRADED;
        }
    }

    /** Rejects nulls; takes from reason and evidence what could forge a line, as servers' own words may be in them. */
    public InstanceHealth {
        Objects.requireNonNull(state, "state");
        reason = Names.printable(Objects.requireNonNull(reason, "reason"));
        evidence = Names.printable(Objects.requireNonNull(evidence, "evidence"));
    }

    /** The state and why, for messages, as in {@code EJECTED by guard (5 failures in a row)}. */
    public String describe() {
        return state + (reason.isEmpty() ? "" : " by " + reason) + (evidence.isEmpty() ? "" : " (" + evidence + ")");
    }
}
