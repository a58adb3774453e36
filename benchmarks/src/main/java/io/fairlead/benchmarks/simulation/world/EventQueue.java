// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import io.fairlead.api.Ticker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The kernel: virtual time and a binary heap of events in primitive arrays. An event is a moment, a target and an
 * argument; events of one moment run in the order they were scheduled. For one thread.
 */
public final class EventQueue implements Ticker {
    private static final int FIRST_CAPACITY = 1 << 10;

    private final List<Target> targets = new ArrayList<>();
    private long[] times = new long[FIRST_CAPACITY];
    private long[] orders = new long[FIRST_CAPACITY];
    private int[] targetIds = new int[FIRST_CAPACITY];
    private int[] arguments = new int[FIRST_CAPACITY];
    private int size;
    private long scheduled;
    private long nowNanos;

    /** Something events happen to. */
    @FunctionalInterface
    public interface Target {
        void happen(int argument);
    }

    /** The number under which events reach {@code target}. */
    public int register(Target target) {
        targets.add(target);
        return targets.size() - 1;
    }

    @Override
    public long nanos() {
        return nowNanos;
    }

    long scheduledSoFar() {
        return scheduled;
    }

    /** An event at a moment, at the earliest now. */
    public void schedule(long atNanos, int target, int argument) {
        if (size == times.length) {
            grow();
        }
        long at = Math.max(atNanos, nowNanos);
        long order = scheduled++;
        int hole = size++;
        while (hole > 0) {
            int parent = hole - 1 >>> 1;
            if (times[parent] <= at) {
                break;
            }
            move(parent, hole);
            hole = parent;
        }
        place(hole, at, order, target, argument);
    }

    /** Runs every event up to and including a moment, then stands there. */
    public void runUntil(long endNanos) {
        while (size > 0 && times[0] <= endNanos) {
            nowNanos = times[0];
            int target = targetIds[0];
            int argument = arguments[0];
            removeFirst();
            targets.get(target).happen(argument);
        }
        nowNanos = endNanos;
    }

    private void removeFirst() {
        size--;
        long at = times[size];
        long order = orders[size];
        int hole = 0;
        for (int child = 1; child < size; child = 2 * hole + 1) {
            int right = child + 1;
            if (right < size && isBefore(times[right], orders[right], times[child], orders[child])) {
                child = right;
            }
            if (!isBefore(times[child], orders[child], at, order)) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        place(hole, at, order, targetIds[size], arguments[size]);
    }

    private static boolean isBefore(long time, long order, long otherTime, long otherOrder) {
        return time != otherTime ? time < otherTime : order < otherOrder;
    }

    private void move(int from, int to) {
        place(to, times[from], orders[from], targetIds[from], arguments[from]);
    }

    private void place(int index, long at, long order, int target, int argument) {
        times[index] = at;
        orders[index] = order;
        targetIds[index] = target;
        arguments[index] = argument;
    }

    private void grow() {
        int capacity = times.length * 2;
        times = Arrays.copyOf(times, capacity);
        orders = Arrays.copyOf(orders, capacity);
        targetIds = Arrays.copyOf(targetIds, capacity);
        arguments = Arrays.copyOf(arguments, capacity);
    }
}
