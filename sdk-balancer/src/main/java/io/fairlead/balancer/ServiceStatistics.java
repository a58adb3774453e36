// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallEvent;
import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import java.util.Map;

/**
 * What was counted of one service since this process began to watch it. Every number only grows, also while instances come and
 * go; the service's next life, after it was idle, begins at 0. The numbers are read one after another, so that a call may be in
 * one and not yet in another. An immutable value.
 *
 * @param service the service
 * @param calls how many ended in each way, as their callers saw them
 * @param callDurations of calls that had an attempt: from the call to the headers or failure it ended with
 * @param attempts how many of each kind had each outcome
 * @param attemptDurations of all attempts: until headers or failure
 * @param rejections by the stage that rejected a call
 * @param noInstance calls that found no instance, by why
 * @param retriesDenied calls that were not tried again because the retry budget was spent
 * @param ejections instances taken out, by who took them out
 * @param listChanges lists taken up
 * @param interruptions how often the watch was interrupted
 * @param rejectedEntries instances of lists that were left out, because their address may not be called
 */
public record ServiceStatistics(
        String service,
        Map<CallEvent.Result, Long> calls,
        Histogram callDurations,
        Map<AttemptEvent.Kind, Map<Outcome, Long>> attempts,
        Histogram attemptDurations,
        Map<CallRejectedException.Stage, Long> rejections,
        Map<NoInstanceException.Reason, Long> noInstance,
        long retriesDenied,
        Map<Ejection, Long> ejections,
        long listChanges,
        long interruptions,
        long rejectedEntries) {

    /** Who took an instance out. */
    public enum Ejection {
        /** Its guard, for its own failures. */
        GUARD,
        /** The comparison with its peers. */
        PEERS,
        /** The balancer's own check. */
        CHECK
    }

    /** Copies the maps. */
    public ServiceStatistics {
        calls = Map.copyOf(calls);
        attempts = Map.copyOf(attempts);
        rejections = Map.copyOf(rejections);
        noInstance = Map.copyOf(noInstance);
        ejections = Map.copyOf(ejections);
    }

    /** How many calls ended in this way. */
    public long calls(CallEvent.Result result) {
        return calls.getOrDefault(result, 0L);
    }

    /** How many attempts of this kind had this outcome. */
    public long attempts(AttemptEvent.Kind kind, Outcome outcome) {
        return attempts.getOrDefault(kind, Map.of()).getOrDefault(outcome, 0L);
    }
}
