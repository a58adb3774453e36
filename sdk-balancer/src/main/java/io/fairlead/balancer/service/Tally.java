// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/**
 * What was counted of an instance in the last interval: differences of two readings of its counters. Guarded by the
 * service's update lock, except {@link #spoil}, which any thread may call.
 */
final class Tally {
    private final RareWords words;
    private long succeededBefore;
    private long failedBefore;
    private long succeeded;
    private long failed;
    private volatile boolean broken;

    Tally(RareWords words) {
        this.words = words;
    }

    /** What this interval counts says nothing: the instance was taken out, or came back. */
    void spoil() {
        broken = true;
    }

    /** Ends an interval; true when nothing spoilt it. */
    boolean close() {
        long succeededNow = words.succeededSoFar();
        long failedNow = words.failedSoFar();
        succeeded = succeededNow - succeededBefore;
        failed = failedNow - failedBefore;
        succeededBefore = succeededNow;
        failedBefore = failedNow;
        boolean whole = !broken;
        broken = false;
        return whole;
    }

    long calls() {
        return succeeded + failed;
    }

    /** Share of the interval's calls that succeeded; 1 when there were none. */
    double ratio() {
        return calls() == 0 ? 1 : (double) succeeded / calls();
    }
}
