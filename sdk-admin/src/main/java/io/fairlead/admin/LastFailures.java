// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.LastFailure;
import io.fairlead.api.AttemptEvent;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The last failed attempt of each instance, of the 10,000 instances that failed last. Thread-safe. */
final class LastFailures {
    private static final int MOST = 10_000;
    private static final int MOST_TEXT = 200;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final Map<Instance, Failure> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Instance, Failure> eldest) {
            return size() > MOST;
        }
    };

    private record Instance(String service, String id) {}

    /** Its words only: an exception would keep alive whatever it knows. */
    private record Failure(long millis, String what, long latencyNanos) {}

    void put(AttemptEvent attempt, Clock clock) {
        Instance instance =
                new Instance(attempt.instance().service(), attempt.instance().id());
        Failure failure = new Failure(clock.millis(), what(attempt), attempt.latencyNanos());
        lock.lock();
        try {
            last.put(instance, failure);
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    LastFailure of(String service, String id) {
        Failure failure;
        lock.lock();
        try {
            failure = last.get(new Instance(service, id));
        } finally {
            lock.unlock();
        }
        return failure == null ? null : new LastFailure(Moments.at(failure.millis()), text(failure));
    }

    private static String what(AttemptEvent attempt) {
        Exception error = attempt.error();
        if (error != null) {
            String message = error.getMessage();
            return error.getClass().getSimpleName() + (message == null ? "" : ": " + message);
        }
        return attempt.status() != 0 ? "status " + attempt.status() : "failed";
    }

    private static String text(Failure failure) {
        String what = failure.what();
        String shown = what.length() <= MOST_TEXT ? what : what.substring(0, MOST_TEXT) + "…";
        return shown + String.format(Locale.ROOT, " after %.1f ms", failure.latencyNanos() / 1e6);
    }
}
