// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A candidate whose every figure a test sets; at first of weight 1, idle, without history, and accepting. Setters return
 * the candidate. Safe for any thread.
 */
public final class SettableCandidate implements Candidate {
    private final ServiceInstance instance;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile double weight;
    private volatile double slowStart = 1;
    private volatile long latencyNanos;
    private volatile double successRatio = 1;
    private volatile boolean lastSucceeded = true;
    private volatile long oldestNanos;
    private volatile long silentNanos = -1;
    private volatile double latencyVariance;
    private volatile long serviceInFlight = -1;
    private volatile int reportedInFlight = -1;
    private volatile boolean accepting = true;

    /** One of service {@code orders} with this id, at an address of its own. */
    public SettableCandidate(String id, int weight) {
        this.instance = ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0.1", 1 + Math.floorMod(id.hashCode(), 60_000))
                .weight(weight)
                .build();
        this.weight = weight;
    }

    /** Candidates {@code i00000}, {@code i00001} and so on with these weights, in a list that can not change. */
    public static List<SettableCandidate> weighted(int... weights) {
        List<SettableCandidate> candidates = new ArrayList<>(weights.length);
        for (int i = 0; i < weights.length; i++) {
            candidates.add(new SettableCandidate(String.format(Locale.ROOT, "i%05d", i), weights[i]));
        }
        return Collections.unmodifiableList(candidates);
    }

    /** This many of weight 1. */
    public static List<SettableCandidate> equal(int count) {
        int[] weights = new int[count];
        Arrays.fill(weights, 1);
        return weighted(weights);
    }

    /** The effective weight; the registry's stays. */
    public SettableCandidate setWeight(double value) {
        weight = value;
        return this;
    }

    /** What slow start leaves of its weight; the weight itself stays. */
    public SettableCandidate setSlowStart(double value) {
        slowStart = value;
        return this;
    }

    /** Attempts in flight. */
    public SettableCandidate setInFlight(int value) {
        inFlight.set(value);
        return this;
    }

    /** One more, or fewer, in flight; returns how many there are now. */
    public int addInFlight(int change) {
        return inFlight.addAndGet(change);
    }

    /** The latency, for any moment. */
    public SettableCandidate setLatencyNanos(long value) {
        latencyNanos = value;
        return this;
    }

    /** The success ratio, for any moment. */
    public SettableCandidate setSuccessRatio(double value) {
        successRatio = value;
        return this;
    }

    /** Whether the latest attempt succeeded. */
    public SettableCandidate setLastSucceeded(boolean value) {
        lastSucceeded = value;
        return this;
    }

    /** The age of the oldest attempt, for any moment. */
    public SettableCandidate setOldestNanos(long value) {
        oldestNanos = value;
        return this;
    }

    /** Since the last answer, for any moment; below 0, as at first, for as long as the oldest attempt waits. */
    public SettableCandidate setSilentNanos(long value) {
        silentNanos = value;
        return this;
    }

    /** How uncertain the latency is, for any moment; 0 at first. */
    public SettableCandidate setLatencyVariance(double value) {
        latencyVariance = value;
        return this;
    }

    /** In flight on all instances; below 0, as at first, when nobody counts. */
    public SettableCandidate setServiceInFlight(long value) {
        serviceInFlight = value;
        return this;
    }

    /** What the instance reported; below 0, as at first, for nothing. */
    public SettableCandidate setReportedInFlight(int value) {
        reportedInFlight = value;
        return this;
    }

    /** Whether it takes calls. */
    public SettableCandidate setAccepting(boolean value) {
        accepting = value;
        return this;
    }

    @Override
    public ServiceInstance instance() {
        return instance;
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public double slowStart() {
        return slowStart;
    }

    @Override
    public int inFlight() {
        return inFlight.get();
    }

    @Override
    public long latencyNanos(long nowNanos) {
        return latencyNanos;
    }

    @Override
    public double successRatio(long nowNanos) {
        return successRatio;
    }

    @Override
    public boolean lastSucceeded() {
        return lastSucceeded;
    }

    @Override
    public long oldestNanos(long nowNanos) {
        return oldestNanos;
    }

    @Override
    public long silentNanos(long nowNanos) {
        long value = silentNanos;
        return value < 0 ? oldestNanos : value;
    }

    @Override
    public double latencyVariance(long nowNanos) {
        return latencyVariance;
    }

    @Override
    public long serviceInFlight() {
        return serviceInFlight;
    }

    @Override
    public int reportedInFlight(long nowNanos) {
        return reportedInFlight;
    }

    @Override
    public boolean accepts(PickContext context, long nowNanos) {
        return accepting && !context.excludes(instance);
    }

    @Override
    public String toString() {
        return instance.id();
    }
}
