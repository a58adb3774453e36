// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.SlowStart;
import io.fairlead.balancer.stage.Nanos;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What lists, evaluations and the instance's own wishes did to one instance: since when it warms up, which parts of its
 * weight are left, whether it is held, whether it asked to be left alone. Any thread reads; only the service's updates
 * changes it, except that an instance back from ejection warms up again, and that any thread hears what it asks.
 */
final class Listing {
    private final InstanceWords words;
    private volatile Warmup warmup = Warmup.NONE;
    private volatile double portionShare = 1;
    private volatile double health = 1;
    private volatile double slowStart = 1;
    private volatile boolean held;
    private long heldSinceNanos; // belongs to the service's updates
    private volatile boolean asking;
    private volatile long asksUntilNanos;

    /**
     * One slow start.
     *
     * @param sinceNanos when it began
     * @param lengthNanos how long it lasts; 0 means that it is over
     * @param curve how the share grows
     */
    record Warmup(long sinceNanos, long lengthNanos, SlowStart curve) {
        static final Warmup NONE = new Warmup(0, 0, SlowStart.off());

        /** The share of its weight the instance gets at a moment. */
        double factor(long nowNanos) {
            return lengthNanos <= 0 ? 1 : curve.factor(nowNanos - sinceNanos, lengthNanos);
        }
    }

    Listing(InstanceWords words) {
        this.words = words;
    }

    void warmUp(long nowNanos, SlowStart curve) {
        warmup = new Warmup(nowNanos, Nanos.of(curve.length()), curve);
    }

    /** As for a new one, but shorter: it is back from ejection. */
    void warmUpAgain(long nowNanos, SlowStart curve) {
        warmup = new Warmup(nowNanos, Nanos.of(curve.afterEjection()), curve);
    }

    /** Another curve, also for a slow start that has begun. */
    void warmUnder(SlowStart curve) {
        Warmup now = warmup;
        if (now.lengthNanos() > 0) {
            boolean isNew = now.lengthNanos() == Nanos.of(now.curve().length());
            warmup = new Warmup(now.sinceNanos(), Nanos.of(isNew ? curve.length() : curve.afterEjection()), curve);
        }
    }

    boolean isWarming(long nowNanos) {
        return warmup.factor(nowNanos) < 1;
    }

    /** The share of its weight that its own slow start leaves; 1 when it is over. */
    double warmupFactor(long nowNanos) {
        return warmup.factor(nowNanos);
    }

    /** What slow start leaves of the weight now in force, above 0 to 1. */
    double slowStart() {
        return words.isWarming() ? slowStart : 1;
    }

    void setSlowStart(double ratio) {
        slowStart = ratio;
        words.setWarming(ratio < 1);
    }

    /** The part of it that belongs to this process's portion, above 0 to 1. */
    double portionShare() {
        return portionShare;
    }

    void setPortionShare(double value) {
        portionShare = value;
    }

    /** What its condition and its dynamic level leave of its weight. */
    double health() {
        return health;
    }

    void setHealth(double value) {
        health = value;
    }

    /**
     * The instance asked to be left alone for so long from now. Its latest word stands; zero takes it back.
     *
     * @param isCalled whether it takes calls: only then the others learn of it
     */
    void ask(long nanos, boolean isCalled, long nowNanos) {
        if (nanos <= 0) {
            withdraw();
            return;
        }
        asksUntilNanos = nowNanos + nanos;
        asking = true;
        if (isCalled) {
            words.shared.pleas().add(this);
        }
    }

    /** Whether it asked to be left alone, and its time is not over. */
    boolean isAsking(long nowNanos) {
        return asking && nowNanos - asksUntilNanos < 0;
    }

    /** Whether calls leave it alone: first attempts if enough others are left, later ones always. */
    boolean isLeftAlone(boolean isFirst, long nowNanos) {
        return isAsking(nowNanos) && (!isFirst || words.shared.pleas().areHeeded());
    }

    /** How much longer it asks to be left alone. */
    long nanosAsked(long nowNanos) {
        return isAsking(nowNanos) ? asksUntilNanos - nowNanos : 0;
    }

    /** Takes back what the instance asked: it asked for no more time, or left the list. */
    void withdraw() {
        asking = false;
        words.shared.pleas().remove(this);
    }

    /** It takes no calls anyway: what it asks is nothing to the others. */
    void leaveOthersAlone() {
        words.shared.pleas().remove(this);
    }

    /** Whether the registry lacks it and it is kept until that is confirmed. */
    boolean isHeld() {
        return held;
    }

    void hold(long nowNanos) {
        heldSinceNanos = nowNanos;
        held = true;
    }

    /** Listed again, or gone for good. */
    void release() {
        if (held) {
            held = false;
        }
    }

    long heldSinceNanos() {
        return heldSinceNanos;
    }

    /**
     * Which instances of a service asked, by {@code Retry-After}, to be left alone for a while. Calls heed that while at least
     * half of the instances are neither out nor ask for it: to crowd the few that are left would bring these down too. Whoever
     * is called all the same answers as before, and the call goes elsewhere. Safe for any thread.
     */
    static final class Pleas {
        private final Set<Listing> asking = ConcurrentHashMap.newKeySet();
        private final EjectionQuota quota;

        Pleas(EjectionQuota quota) {
            this.quota = quota;
        }

        void add(Listing instance) {
            asking.add(instance);
        }

        void remove(Listing instance) {
            asking.remove(instance);
        }

        /** Forgets those whose time is over, also of instances that have left. */
        void forgetPast(long nowNanos) {
            asking.removeIf(instance -> !instance.isAsking(nowNanos));
        }

        boolean areHeeded() {
            int instances = quota.instances();
            return 2 * (instances - quota.ejected() - asking.size()) >= instances;
        }

        int size() {
            return asking.size();
        }
    }
}
