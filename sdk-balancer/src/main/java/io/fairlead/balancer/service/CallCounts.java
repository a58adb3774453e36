// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * A reading of an instance's counts, which only grow, or the difference of two: so no count is lost to a reset.
 *
 * @param succeeded calls that succeeded
 * @param failed calls that failed
 */
record CallCounts(long succeeded, long failed) {
    static final CallCounts NONE = new CallCounts(0, 0);

    CallCounts since(CallCounts earlier) {
        return new CallCounts(succeeded - earlier.succeeded, failed - earlier.failed);
    }

    long calls() {
        return succeeded + failed;
    }

    /** Share of the calls that succeeded; 1 when there were none. */
    double successRatio() {
        return calls() == 0 ? 1 : (double) succeeded / calls();
    }

    /** Share of the calls that failed; 0 when there were none. */
    double errorRatio() {
        return calls() == 0 ? 0 : (double) failed / calls();
    }

    /**
     * What was counted of an instance in the last interval. Belongs to the service's updates, except {@link #spoil}, which any
     * thread may call.
     */
    static final class Interval {
        private CallCounts before = CallCounts.NONE;
        private CallCounts last = CallCounts.NONE;
        private volatile boolean spoilt;

        /** What this interval counts says nothing: the instance was taken out, or came back. */
        void spoil() {
            spoilt = true;
        }

        /** Ends an interval with a reading; true when nothing spoilt it. */
        boolean close(CallCounts now) {
            last = now.since(before);
            before = now;
            boolean whole = !spoilt;
            spoilt = false;
            return whole;
        }

        /** What was counted in it. */
        CallCounts last() {
            return last;
        }
    }

    /** The counts of one instance that an attempt leaves alone when it succeeds and the guard is content. Safe for any thread. */
    static final class Failures {
        private static final AtomicLongFieldUpdater<Failures> FAILED = updater("failed");
        private static final AtomicLongFieldUpdater<Failures> ALL_FAILED = updater("allFailed");
        private static final AtomicLongFieldUpdater<Failures> IGNORED = updater("ignored");
        private static final AtomicLongFieldUpdater<Failures> REPORTED = updater("reported");

        private volatile long failed;
        private volatile long allFailed;
        private volatile long ignored;
        private volatile long reported;

        private static AtomicLongFieldUpdater<Failures> updater(String field) {
            return AtomicLongFieldUpdater.newUpdater(Failures.class, field);
        }

        /** Failures that were learned from. */
        long failed() {
            return failed;
        }

        void addFailed() {
            FAILED.incrementAndGet(this);
        }

        /** Failures, also those of a time from which nothing is learned. */
        long allFailed() {
            return allFailed;
        }

        void addToAllFailed() {
            ALL_FAILED.incrementAndGet(this);
        }

        /** Attempts from which nothing was learned. */
        long ignored() {
            return ignored;
        }

        void addIgnored() {
            IGNORED.incrementAndGet(this);
        }

        /** Successes that the guard was told of one by one. */
        long reported() {
            return reported;
        }

        void addReported() {
            REPORTED.incrementAndGet(this);
        }
    }
}
