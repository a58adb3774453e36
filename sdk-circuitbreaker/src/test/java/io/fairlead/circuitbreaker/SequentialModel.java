// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * A breaker as plainly as it can be written, for one thread: lists of calls instead of windows, searched each time. What
 * the real one does with words, tags and compare-and-set must come to the same.
 */
final class SequentialModel {
    /** One recorded call. */
    private record Call(long bucket, boolean failed, boolean slow) {}

    /** One permit given out; {@code stay} is the number of the stay in a state that gave it. */
    static final class Permit {
        final int stay;
        final long sinceNanos;
        boolean probe;
        boolean out = true;

        Permit(int stay, long sinceNanos) {
            this.stay = stay;
            this.sinceNanos = sinceNanos;
        }
    }

    private final CircuitBreakerConfig config;
    private CircuitState state = CircuitState.CLOSED;
    private int stay;
    private long sinceNanos;
    private long untilNanos;
    private int openings;
    private int failuresInARow;
    private int refusedInARow;
    private long newestBucket;
    private final List<Call> calls = new ArrayList<>();
    private final List<Permit> probes = new ArrayList<>();
    int late;
    int rejected;
    int transitions;

    SequentialModel(CircuitBreakerConfig config, long nowNanos) {
        this.config = config;
        this.sinceNanos = nowNanos;
    }

    CircuitState state() {
        return state;
    }

    Permit tryAcquire(long nowNanos) {
        if (state == CircuitState.OPEN && nowNanos >= untilNanos) {
            enter(CircuitState.HALF_OPEN, openings, nowNanos);
        }
        long limit = config.halfOpen().maxDuration().toNanos();
        if (state == CircuitState.HALF_OPEN && limit > 0 && nowNanos - sinceNanos >= limit) {
            if (config.halfOpen().whenOver() == CircuitState.CLOSED) {
                enter(CircuitState.CLOSED, openings, nowNanos);
            } else {
                open(openings + 1, nowNanos);
            }
        }
        if (state == CircuitState.OPEN || state == CircuitState.FORCED_OPEN) {
            rejected++;
            return null;
        }
        if (state != CircuitState.HALF_OPEN) {
            return new Permit(stay, nowNanos);
        }
        long timeout = config.halfOpen().probeTimeout().toNanos();
        long live = probes.stream()
                .filter(probe -> nowNanos - probe.sinceNanos < timeout)
                .count();
        boolean slotFree = live < config.halfOpen().concurrent();
        if (!slotFree || calls.size() + live >= config.halfOpen().calls()) {
            rejected++;
            return null;
        }
        if (probes.size() == config.halfOpen().concurrent()) {
            forfeitOne(nowNanos, timeout);
        }
        Permit permit = new Permit(stay, nowNanos);
        permit.probe = true;
        probes.add(permit);
        return permit;
    }

    /** Any overdue probe may be the one whose permit is issued again; tests ask for one at a time only. */
    private void forfeitOne(long nowNanos, long timeout) {
        for (Permit probe : probes) {
            if (nowNanos - probe.sinceNanos >= timeout) {
                probe.out = false;
                probes.remove(probe);
                return;
            }
        }
    }

    void release(Permit permit, Outcome outcome, long durationNanos, long nowNanos) {
        if (permit.stay != stay || permit.probe && !permit.out) {
            late++;
            return;
        }
        if (permit.probe) {
            permit.out = false;
            probes.remove(permit);
        }
        if (outcome == Outcome.IGNORED || state == CircuitState.DISABLED) {
            return;
        }
        long slowAfter = config.trip().slowAfter().toNanos();
        boolean slow = slowAfter > 0 && durationNanos > slowAfter;
        newestBucket = Math.max(newestBucket, bucket(nowNanos));
        calls.add(new Call(newestBucket, outcome.isFailure(), slow));
        if (state == CircuitState.HALF_OPEN) {
            decide(nowNanos);
            return;
        }
        failuresInARow = outcome.isFailure() ? failuresInARow + 1 : 0;
        refusedInARow = outcome == Outcome.UNREACHABLE ? refusedInARow + 1 : 0;
        int failureLimit = config.trip().consecutiveFailures();
        int refusedLimit = config.trip().consecutiveRefused();
        boolean inARow =
                failureLimit > 0 && failuresInARow >= failureLimit || refusedLimit > 0 && refusedInARow >= refusedLimit;
        if (state == CircuitState.CLOSED && (inARow || tooBad(minimum(), window(nowNanos)))) {
            open(nowNanos - sinceNanos >= sustained() ? 1 : openings + 1, nowNanos);
        }
    }

    void force(CircuitState wanted, long nowNanos) {
        if (wanted == state) {
            return;
        }
        if (wanted == CircuitState.OPEN) {
            open(1, nowNanos);
        } else {
            enter(wanted, wanted == CircuitState.HALF_OPEN ? openings : 0, nowNanos);
        }
    }

    void reset(long nowNanos) {
        enter(CircuitState.CLOSED, 0, nowNanos);
    }

    void retryAfter(long hintNanos, long nowNanos) {
        if (state == CircuitState.OPEN) {
            long cap = config.open().cap().toNanos();
            untilNanos = Math.max(untilNanos, Math.min(nowNanos + Math.min(hintNanos, cap), sinceNanos + cap));
        }
    }

    /** Calls, failures, slow calls. */
    List<Integer> counts(long nowNanos) {
        return counts(window(nowNanos));
    }

    private static List<Integer> counts(List<Call> of) {
        int failed = (int) of.stream().filter(Call::failed).count();
        int slow = (int) of.stream().filter(Call::slow).count();
        return List.of(of.size(), failed, slow);
    }

    private List<Call> window(long nowNanos) {
        if (state == CircuitState.HALF_OPEN || state == CircuitState.OPEN) {
            return calls;
        }
        int size = config.window().size();
        if (!config.window().isTime()) {
            return calls.subList(Math.max(0, calls.size() - size), calls.size());
        }
        long now = Math.max(newestBucket, bucket(nowNanos));
        return calls.stream().filter(call -> call.bucket > now - size).toList();
    }

    private void decide(long nowNanos) {
        int needed = config.halfOpen().calls();
        int missing = needed - calls.size();
        if (missing > 0 && !config.halfOpen().early()) {
            return;
        }
        if (tooBad(needed, filled(missing, false))) {
            open(openings + 1, nowNanos);
        } else if (!tooBad(needed, filled(missing, true))) {
            enter(CircuitState.CLOSED, openings, nowNanos);
        }
    }

    private List<Call> filled(int missing, boolean badly) {
        List<Call> all = new ArrayList<>(calls);
        for (int i = 0; i < missing; i++) {
            all.add(new Call(0, badly, badly));
        }
        return all;
    }

    private boolean tooBad(int minimum, List<Call> of) {
        List<Integer> counts = counts(of);
        boolean failing = counts.get(1) * 100L >= (long) config.trip().failureRate() * counts.get(0);
        boolean slow = counts.get(2) > 0
                && counts.get(2) * 100L >= (long) config.trip().slowRate() * counts.get(0);
        return counts.get(0) >= minimum && (failing || slow);
    }

    private int minimum() {
        int minimum = config.trip().minimumCalls();
        return config.window().isTime()
                ? minimum
                : Math.min(minimum, config.window().size());
    }

    private long sustained() {
        return config.window().isTime()
                ? config.window().size() * config.window().bucket().toNanos()
                : config.open().base().toNanos();
    }

    private long bucket(long nowNanos) {
        return config.window().isTime()
                ? Math.floorDiv(nowNanos - sinceNanos, config.window().bucket().toNanos())
                : 0;
    }

    private void open(int row, long nowNanos) {
        List<Call> cause = state == CircuitState.CLOSED ? new ArrayList<>(window(nowNanos)) : new ArrayList<>(calls);
        boolean byItself = state == CircuitState.CLOSED || state == CircuitState.HALF_OPEN;
        enter(CircuitState.OPEN, row, nowNanos);
        if (byItself && causesAreKept) {
            calls.addAll(cause);
        }
        double wait = config.open().base().toNanos() * Math.pow(config.open().multiplier(), row - 1);
        untilNanos = nowNanos + (long) Math.min(wait, config.open().cap().toNanos());
    }

    /** False while an operator opens it: then there is no cause. */
    boolean causesAreKept = true;

    private void enter(CircuitState next, int row, long nowNanos) {
        transitions += next == state ? 0 : 1;
        state = next;
        stay++;
        openings = row;
        sinceNanos = nowNanos;
        failuresInARow = 0;
        refusedInARow = 0;
        newestBucket = 0;
        rejected = 0;
        calls.clear();
        probes.forEach(probe -> probe.out = false);
        probes.clear();
    }
}
