// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** The counts of one instance that an attempt leaves alone when it succeeds and the guard is content. Safe for any thread. */
final class FailureCounts {
    private static final AtomicLongFieldUpdater<FailureCounts> FAILED = updater("failed");
    private static final AtomicLongFieldUpdater<FailureCounts> ALL_FAILED = updater("allFailed");
    private static final AtomicLongFieldUpdater<FailureCounts> IGNORED = updater("ignored");
    private static final AtomicLongFieldUpdater<FailureCounts> REPORTED = updater("reported");

    private volatile long failed;
    private volatile long allFailed;
    private volatile long ignored;
    private volatile long reported;

    private static AtomicLongFieldUpdater<FailureCounts> updater(String field) {
        return AtomicLongFieldUpdater.newUpdater(FailureCounts.class, field);
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
