// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import java.util.concurrent.atomic.LongAdder;

/**
 * An instance as the pickers of one subset see it: its state, with a weight of its own, because slow start, panic and this
 * process's portion depend on who the others are. Any thread reads.
 */
final class SubsetCandidate implements Weighted {
    private final InstanceState state;
    private final SubsetState subset;
    private volatile double weight;
    private volatile double slowStart = 1;
    private volatile double health = 1;
    private volatile double portionShare = 1;

    SubsetCandidate(InstanceState state, SubsetState subset) {
        this.state = state;
        this.subset = subset;
        this.weight = state.weight();
    }

    InstanceState state() {
        return state;
    }

    @Override
    public ServiceInstance instance() {
        return state.instance();
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public boolean weigh(double registry, double slowStartLeaves, double healthLeaves) {
        health = healthLeaves;
        slowStart = slowStartLeaves;
        double next = registry * Math.min(slowStartLeaves, healthLeaves) * portionShare;
        boolean isNew = next != weight;
        weight = next;
        return isNew;
    }

    @Override
    public double slowStart() {
        return slowStart;
    }

    @Override
    public double health() {
        return health;
    }

    @Override
    public double portionShare() {
        return portionShare;
    }

    @Override
    public void setPortionShare(double value) {
        portionShare = value;
    }

    @Override
    public int inFlight() {
        return state.inFlight();
    }

    @Override
    public long serviceInFlight() {
        LongAdder all = subset.inFlight();
        return all == null ? -1 : all.sum();
    }

    @Override
    public long latencyNanos(long nowNanos) {
        return state.latencyNanos(nowNanos);
    }

    @Override
    public double latencyVariance(long nowNanos) {
        return state.latencyVariance(nowNanos);
    }

    @Override
    public long silentNanos(long nowNanos) {
        return state.silentNanos(nowNanos);
    }

    @Override
    public double successRatio(long nowNanos) {
        return state.successRatio(nowNanos);
    }

    @Override
    public long oldestNanos(long nowNanos) {
        return state.oldestNanos(nowNanos);
    }

    @Override
    public int reportedInFlight(long nowNanos) {
        return state.reportedInFlight(nowNanos);
    }

    @Override
    public double reportedUtilization(long nowNanos) {
        return state.reportedUtilization(nowNanos);
    }

    @Override
    public boolean lastSucceeded() {
        return state.lastSucceeded();
    }

    @Override
    public boolean accepts(PickContext context, long nowNanos) {
        return state.accepts(context, nowNanos);
    }
}
