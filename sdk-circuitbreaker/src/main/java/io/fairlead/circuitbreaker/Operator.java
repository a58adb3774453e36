// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.time.Duration;

/** An operator's commands to a circuit, at one moment. Each is repeated until it wins against whatever else happens. */
final class Operator {
    private final Circuit circuit;
    private final long nowNanos;

    Operator(Circuit circuit, long nowNanos) {
        this.circuit = circuit;
        this.nowNanos = nowNanos;
    }

    void force(CircuitState wanted) {
        Generation now;
        do {
            now = circuit.current();
            if (now.state == wanted) {
                return;
            }
        } while (!circuit.change(now, stay(now, wanted), "by hand"));
    }

    private Generation stay(Generation now, CircuitState wanted) {
        return switch (wanted) {
            case CLOSED, METRICS_ONLY -> new Counting(wanted, now.rules, 0, nowNanos);
            case OPEN -> open(now, 1, now.rules.openNanos(1, circuit.random));
            case FORCED_OPEN, DISABLED -> new Latched(wanted, now.rules, nowNanos);
            case HALF_OPEN -> {
                if (now.state != CircuitState.OPEN) {
                    throw new IllegalArgumentException("state: HALF_OPEN from " + now.state + " (expected: from OPEN)");
                }
                yield new Probing(now.rules, now.openings, nowNanos);
            }
        };
    }

    void openFor(Duration time) {
        String reason = "asked to wait " + time;
        while (true) {
            Generation now = circuit.current();
            if (now instanceof Waiting waiting) {
                waiting.extend(nowNanos + time.toNanos(), nowNanos);
                return;
            }
            if (!now.state.isAutomatic() || now instanceof Counting counting && !circuit.mayTrip(counting, reason)) {
                return;
            }
            if (circuit.change(now, open(now, now.openings + 1, time.toNanos()), reason)) {
                return;
            }
            circuit.settle(reason);
        }
    }

    /** Makes the present wait longer, never shorter, and never longer than the cap from its beginning. */
    void retryAfter(Duration hint) {
        if (circuit.current() instanceof Waiting waiting) {
            Duration cap = waiting.rules.config.open().cap();
            long capNanos = waiting.sinceNanos + cap.toNanos();
            long hintedNanos = nowNanos + (hint.compareTo(cap) > 0 ? cap : hint).toNanos();
            waiting.extend(hintedNanos - capNanos > 0 ? capNanos : hintedNanos, nowNanos);
        }
    }

    void reset() {
        Generation now;
        do {
            now = circuit.current();
        } while (!circuit.change(now, new Counting(CircuitState.CLOSED, now.rules, 0, nowNanos), "reset"));
    }

    void reconfigure(BreakerRules rules) {
        Generation now;
        do {
            now = circuit.current();
        } while (!circuit.change(now, now.under(rules, nowNanos), "reconfigured"));
    }

    /**
     * Puts other rules in force and keeps everything that was counted: the window, failures in a row, a wait under way, probes.
     * Only a window of another shape begins empty. A transition that runs at the same time may carry the old rules into the
     * next state; so this repeats until the present state has the new ones.
     */
    void adopt(BreakerRules rules) {
        Generation now = circuit.current();
        while (now.rules != rules) {
            if (now instanceof Counting counting && !counting.fits(rules)) {
                boolean unused =
                        circuit.change(now, new Counting(now.state, rules, now.openings, nowNanos), "reconfigured");
            } else {
                now.rules = rules;
            }
            now = circuit.current();
        }
    }

    private Generation open(Generation now, int openings, long nanos) {
        return new Waiting(now.rules, openings, nowNanos, nanos, Totals.NONE);
    }
}
