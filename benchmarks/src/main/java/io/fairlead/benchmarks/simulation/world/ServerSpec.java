// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated server is: how much it does at once, how fast over time, and what goes wrong when. Built by its own
 * {@code with}-like methods before the run and never changed after.
 */
public final class ServerSpec {
    private static final double NEVER = Double.POSITIVE_INFINITY;

    private final int workers;
    private final int queueLimit;
    private final Demand demand;
    private final List<Phase> phases = new ArrayList<>();
    private Speed speed = Speed.of(1);
    private @Nullable Demand otherDemand;
    private long otherFromNanos;
    private long otherUntilNanos;
    private boolean keepsSpeed;
    private int linearCapacity;
    private boolean shares;
    private final List<SharedCores.Taking> takings = new ArrayList<>();
    private int failsAbove = Integer.MAX_VALUE;
    private int failsWith;
    private double listedFrom;
    private double listedUntil = NEVER;
    private double diesAt = NEVER;
    private String zone = "";
    private DoublePredicate alsoListed = seconds -> true;
    private boolean bad;

    private record Phase(long fromNanos, Behaviour behaviour) {}

    private ServerSpec(int workers, int queueLimit, Demand demand) {
        this.workers = workers;
        this.queueLimit = queueLimit;
        this.demand = demand;
    }

    /** First come, first served by {@code workers}; calls beyond a long queue get a 503. */
    public static ServerSpec queue(int workers, Demand demand) {
        return new ServerSpec(workers, Integer.MAX_VALUE, demand);
    }

    /** As {@link #queue(int, Demand)}, refusing with a 503 what finds {@code queueLimit} calls waiting. */
    public static ServerSpec queue(int workers, int queueLimit, Demand demand) {
        return new ServerSpec(workers, queueLimit, demand);
    }

    /** Any number of calls at once, which share so many cores, each at most one. */
    public static ServerSpec sharing(int cores, Demand demand) {
        ServerSpec spec = new ServerSpec(cores, Integer.MAX_VALUE, demand);
        spec.shares = true;
        return spec;
    }

    /** Any number of calls at once, none slowing another down. */
    public static ServerSpec unlimited(Demand demand) {
        return new ServerSpec(Integer.MAX_VALUE, Integer.MAX_VALUE, demand);
    }

    /** Dialogue's model: {@code base × (1 + calls there / capacity)}, five times the base beyond the capacity. */
    public static ServerSpec linear(double baseMillis, int capacity) {
        ServerSpec spec = unlimited(Demand.fixed(baseMillis));
        spec.linearCapacity = capacity;
        return spec;
    }

    /** A neighbour takes so many of the shared cores for a while. */
    public ServerSpec antagonist(double fromSeconds, double untilSeconds, double cores) {
        takings.add(new SharedCores.Taking(Millis.secondsToNanos(fromSeconds), cores));
        takings.add(new SharedCores.Taking(Millis.secondsToNanos(untilSeconds), 0));
        return this;
    }

    /** A call that ends while more than {@code capacity} are there, itself included, ends with this status. */
    public ServerSpec failsAbove(int capacity, int status) {
        this.failsAbove = capacity;
        this.failsWith = status;
        return this;
    }

    /** Another demand for the calls that arrive between two moments. */
    public ServerSpec demandBetween(double fromSeconds, double untilSeconds, Demand value) {
        this.otherDemand = value;
        this.otherFromNanos = Millis.secondsToNanos(fromSeconds);
        this.otherUntilNanos = Millis.secondsToNanos(untilSeconds);
        return this;
    }

    public ServerSpec speed(Speed value) {
        this.speed = value;
        return this;
    }

    /** Work keeps the speed it began with: a call that starts in a pause is slow to its end. */
    public ServerSpec speedOfStart(Speed value) {
        this.speed = value;
        this.keepsSpeed = true;
        return this;
    }

    /** From a moment on, another behaviour. */
    public ServerSpec then(double seconds, Behaviour behaviour) {
        phases.add(new Phase(Millis.secondsToNanos(seconds), behaviour));
        return this;
    }

    /** When the registry lists it, within the run. */
    public ServerSpec listed(double fromSeconds, double untilSeconds) {
        this.listedFrom = fromSeconds;
        this.listedUntil = untilSeconds;
        return this;
    }

    /** The process is gone from this moment: what it holds is reset and connections are refused. */
    public ServerSpec dies(double seconds) {
        this.diesAt = seconds;
        return then(seconds, Behaviour.REFUSES);
    }

    /** Listed only when this says so too. */
    public ServerSpec listedWhen(DoublePredicate value) {
        this.alsoListed = value;
        return this;
    }

    public ServerSpec zone(String value) {
        this.zone = value;
        return this;
    }

    /** One of those whose share the charts show. */
    public ServerSpec bad() {
        this.bad = true;
        return this;
    }

    int workers() {
        return workers;
    }

    boolean shares() {
        return shares;
    }

    List<SharedCores.Taking> takings() {
        return takings;
    }

    int queueLimit() {
        return queueLimit;
    }

    Demand demand(long nowNanos) {
        return otherDemand != null && isStuck(nowNanos) ? otherDemand : demand;
    }

    /** Whether another demand holds at a moment. */
    boolean isStuck(long nowNanos) {
        return otherDemand != null && nowNanos >= otherFromNanos && nowNanos < otherUntilNanos;
    }

    public Speed speed() {
        return speed;
    }

    /** When work that starts now is done. */
    long finish(long nowNanos, long workNanos) {
        return keepsSpeed
                ? nowNanos + (long) Math.ceil(workNanos / speed.at(nowNanos))
                : speed.finish(nowNanos, workNanos);
    }

    int linearCapacity() {
        return linearCapacity;
    }

    /** The status of a call that ends while so many are there. */
    int statusAmong(int calls, int status) {
        return calls > failsAbove ? failsWith : status;
    }

    public double listedFrom() {
        return listedFrom;
    }

    public double listedUntil() {
        return listedUntil;
    }

    public boolean isListed(double seconds) {
        return seconds >= listedFrom && seconds < listedUntil && alsoListed.test(seconds);
    }

    double diesAt() {
        return diesAt;
    }

    public String zone() {
        return zone;
    }

    public boolean isBad() {
        return bad;
    }

    public Behaviour at(long nowNanos) {
        Behaviour found = Behaviour.SERVES;
        for (Phase phase : phases) {
            if (nowNanos >= phase.fromNanos()) {
                found = phase.behaviour();
            }
        }
        return found;
    }
}
