// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Asking and recording a success, or being turned away. */
@State(Scope.Benchmark)
public class BreakersBenchmark {
    /** Whose breaker. */
    @Param({
        "baseline_read_and_count",
        "baseline_read_and_add",
        "fairlead_time",
        "fairlead_time_own_clock",
        "fairlead_count",
        "resilience4j_count",
        "resilience4j_count_lock_free",
        "resilience4j_time",
        "resilience4j_time_lock_free",
        "failsafe_count",
        "failsafe_time",
        "armeria_time",
        "sentinel_time"
    })
    public String policy = "";

    /** What it does. */
    @Param({"closed", "rejecting"})
    public String state = "";

    private Subject subject;

    /** Makes it. */
    @Setup
    public void make() {
        subject = Subjects.all().get(policy).get();
        if (state.equals("rejecting")) {
            subject.open();
        }
        if (subject.call() == state.equals("rejecting")) {
            throw new IllegalStateException(policy + " is not " + state);
        }
    }

    /** One call. */
    @Benchmark
    public boolean call() {
        return subject.call();
    }
}
