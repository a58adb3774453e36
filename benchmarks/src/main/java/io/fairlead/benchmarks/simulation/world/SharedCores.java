// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * Processor sharing: the calls there are share the cores equally, each at most one core, and a neighbour may take some of
 * the cores away for a while. For one thread.
 */
final class SharedCores implements EventQueue.Target {
    private static final double ROUNDING = 0.5;

    private final EventQueue queue;
    private final IntConsumer done;
    private final int target;
    private final List<Taking> takings;
    private final double cores;
    private final PriorityQueue<Job> jobs =
            new PriorityQueue<>(Comparator.comparingDouble(Job::endWork).thenComparingInt(Job::slot));
    private double workEach;
    private long lastNanos;
    private int plan;

    /** Cores that a neighbour takes from a moment on. */
    record Taking(long fromNanos, double cores) {}

    private record Job(double endWork, int slot) {}

    /** @param done hears the slot of each call that is done */
    SharedCores(double cores, List<Taking> takings, EventQueue queue, IntConsumer done) {
        this.cores = cores;
        this.takings = new ArrayList<>(takings);
        this.queue = queue;
        this.done = done;
        this.target = queue.register(this);
        for (Taking taking : takings) {
            queue.schedule(taking.fromNanos(), target, -1);
        }
    }

    void add(int slot, long workNanos) {
        advance();
        jobs.add(new Job(workEach + workNanos, slot));
        plan();
    }

    /** Cores for each call now; at most one. */
    double rate(long nowNanos) {
        double free = cores;
        for (Taking taking : takings) {
            free = taking.fromNanos() <= nowNanos ? cores - taking.cores() : free;
        }
        return Math.min(1, free / Math.max(1, jobs.size()));
    }

    @Override
    public void happen(int argument) {
        if (argument >= 0 && argument != plan) {
            return;
        }
        advance();
        while (!jobs.isEmpty() && jobs.peek().endWork() <= workEach + ROUNDING) {
            done.accept(jobs.poll().slot());
        }
        plan();
    }

    /** Work done on each call since the last event, at the rate that held from then on. */
    private void advance() {
        long now = queue.nanos();
        workEach += (now - lastNanos) * rate(lastNanos);
        lastNanos = now;
    }

    private void plan() {
        plan++;
        if (!jobs.isEmpty()) {
            double nanos = (jobs.peek().endWork() - workEach) / rate(lastNanos);
            queue.schedule(lastNanos + Math.max(0, (long) Math.ceil(nanos)), target, plan);
        }
    }
}
