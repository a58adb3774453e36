// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.util.concurrent.locks.ReentrantLock;

/** Cancels one call, or interrupts its thread, and neither before it began nor after it ended. Safe for any thread. */
final class Canceller {
    private final ReentrantLock lock = new ReentrantLock();
    private final Plan plan;
    private final Thread caller = Thread.currentThread();
    private Runnable cancel = () -> {};
    private boolean isActive = true;
    private boolean hasFired;

    /** For a call that the current thread makes. */
    Canceller(Plan plan) {
        this.plan = plan;
    }

    /** How a call that has begun is cancelled; one that was to be cancelled before is so now. */
    void by(Runnable cancelling) {
        lock.lock();
        try {
            cancel = cancelling;
        } finally {
            lock.unlock();
        }
        at(Plan.When.BEFORE);
    }

    /** For a client whose only way to be cancelled is its thread. */
    void interrupt() {
        caller.interrupt();
    }

    void at(Plan.When when) {
        if (plan.cancel().when() != when || plan.cancel().by() == Plan.By.NOBODY) {
            return;
        }
        lock.lock();
        try {
            if (isActive && !hasFired) {
                hasFired = true;
                if (plan.cancel().by() == Plan.By.INTERRUPT) {
                    caller.interrupt();
                } else {
                    cancel.run();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The call is over; the thread is left as it was. Returns whether it was cancelled. */
    boolean end() {
        lock.lock();
        try {
            isActive = false;
            boolean unused = Thread.interrupted();
            return hasFired;
        } finally {
            lock.unlock();
        }
    }
}
