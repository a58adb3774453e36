// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything that happened, kept raw: each call as the user saw it and each pick as the balancer made it. Times are
 * nanoseconds since the start of the load. Safe for any thread.
 */
public final class CallLog implements EventListener {
    /**
     * One call as offered.
     *
     * @param atNanos when it should have started (an open loop does not wait for the server)
     * @param nanos from then to its end
     * @param failure why it failed, or null
     */
    public record Call(long atNanos, long nanos, @Nullable String failure) {}

    /** One attempt on one instance. */
    public record Pick(long atNanos, String instance, Outcome outcome) {}

    /** A line for people. */
    public record Event(long atNanos, String text) {}

    private final long startNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Call> calls = new ArrayList<>();
    private final List<Pick> picks = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();

    /** A log whose time starts now. */
    public CallLog() {
        this.startNanos = System.nanoTime();
    }

    /** Nanoseconds since the start. */
    public long now() {
        return System.nanoTime() - startNanos;
    }

    /** Adds a finished call. */
    public void add(Call call) {
        locked(() -> calls.add(call));
    }

    /** Adds a line for people. */
    public void say(String text) {
        long at = now();
        locked(() -> events.add(new Event(at, text)));
    }

    @Override
    public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
        Pick pick = new Pick(now() - latencyNanos, instance.id(), outcome);
        locked(() -> picks.add(pick));
    }

    @Override
    public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
        say(instance.id() + " breaker " + from + " → " + to + (reason.isEmpty() ? "" : ": " + reason));
    }

    @Override
    public void onPanic(String service, boolean panicking) {
        say(service + (panicking ? ": too few usable instances, all are used" : ": enough usable instances again"));
    }

    /** The calls offered in {@code [from, to)} nanoseconds. */
    public List<Call> calls(long from, long to) {
        return select(calls, call -> call.atNanos >= from && call.atNanos < to);
    }

    /** The picks made in {@code [from, to)} nanoseconds. */
    public List<Pick> picks(long from, long to) {
        return select(picks, pick -> pick.atNanos >= from && pick.atNanos < to);
    }

    /** The latest {@code count} lines, oldest first. */
    public List<Event> events(int count) {
        List<Event> all = select(events, event -> true);
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    /** Share of the picks in {@code [from, to)} that went to an instance, from 0 to 1; 0 without picks. */
    public double share(String instance, long from, long to) {
        List<Pick> window = picks(from, to);
        long mine =
                window.stream().filter(pick -> pick.instance.equals(instance)).count();
        return window.isEmpty() ? 0 : (double) mine / window.size();
    }

    /** The smallest latency that {@code ratio} of the calls did not exceed, in milliseconds; NaN without calls. */
    public static double percentileMillis(List<Call> calls, double ratio) {
        if (calls.isEmpty()) {
            return Double.NaN;
        }
        long[] sorted = calls.stream().mapToLong(Call::nanos).sorted().toArray();
        return sorted[(int) Math.ceil(ratio * sorted.length) - 1] / 1e6;
    }

    private <T> List<T> select(List<T> from, Predicate<T> wanted) {
        lock.lock();
        try {
            // Newest last and nearly sorted: still scanned whole, a demo's log is small.
            return from.stream().filter(wanted).toList();
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }
}
