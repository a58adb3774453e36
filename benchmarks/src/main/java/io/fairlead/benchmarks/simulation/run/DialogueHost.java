// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

/**
 * What one client of the published Dialogue model knows of one server: attempts in flight, recent failures, and two limits.
 *
 * <p>Failures count 10 for a 5xx and 0.1 for a 4xx, and halve in 30 s in ten steps; the score adds them, rounded, to the
 * attempts in flight. Of the limits one learns from what blames the server, the other from what blames the endpoint; each
 * starts at 20, grows by one for its worth of successes while nine tenths are used, and shrinks by a tenth. For one thread.
 */
final class DialogueHost {
    private static final long STEP_NANOS = 3_000_000_000L;
    private static final double LEFT_AFTER_STEP = StrictMath.pow(0.5, 0.1);
    private static final int FAILURE = 10;
    private static final double CLIENT_ERROR = 0.1;

    private final boolean limited;
    private final Limit ofServer = new Limit();
    private final Limit ofEndpoint = new Limit();
    private int inFlight;
    private double failures;
    private long failuresStep;

    DialogueHost(boolean limited) {
        this.limited = limited;
    }

    int inFlight() {
        return inFlight;
    }

    long score(long nowNanos) {
        age(nowNanos);
        return inFlight + Math.round(failures);
    }

    boolean hasRoom() {
        return !limited || inFlight < ofServer.now() && inFlight < ofEndpoint.now();
    }

    /** An attempt starts; its place among those in flight. */
    int start() {
        return ++inFlight;
    }

    void ended(int status, int place, long nowNanos) {
        inFlight--;
        age(nowNanos);
        if (status >= 500) {
            failures += FAILURE;
        } else if (status >= 400) {
            failures += CLIENT_ERROR;
        }
        if (status == 429 || status == 500) {
            ofEndpoint.drop();
        } else if (status > 500) {
            ofServer.drop();
        } else {
            ofServer.success(place);
            ofEndpoint.success(place);
        }
    }

    private void age(long nowNanos) {
        long step = nowNanos / STEP_NANOS;
        failures *= StrictMath.pow(LEFT_AFTER_STEP, step - failuresStep);
        failuresStep = step;
    }

    /** Grows cautiously, shrinks aggressively. */
    private static final class Limit {
        private double value = 20;

        int now() {
            return (int) value;
        }

        void success(int place) {
            if (place >= Math.floor(0.9 * value)) {
                value += 1 / value;
            }
        }

        void drop() {
            value = Math.max(1, Math.floor(0.9 * value));
        }
    }
}
