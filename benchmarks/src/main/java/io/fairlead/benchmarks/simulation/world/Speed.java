// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import java.util.ArrayList;
import java.util.List;

/**
 * How fast a server works over time: straight pieces, so that the moment some work is done can be computed when it starts,
 * whatever slows the server down meanwhile. 1 is normal, 0 a pause. Immutable once used.
 */
public final class Speed {
    private final List<Piece> pieces = new ArrayList<>();
    private double last;

    private record Piece(long fromNanos, long toNanos, double start, double end) {}

    private Speed(double first) {
        this.last = first;
    }

    /** This speed until something else is said. */
    public static Speed of(double speed) {
        return new Speed(speed);
    }

    /** From {@code seconds} on, this speed. */
    public Speed then(double seconds, double speed) {
        close(seconds, last);
        last = speed;
        return this;
    }

    /** A straight rise or fall between two moments. */
    public Speed ramp(double fromSeconds, double toSeconds, double from, double to) {
        then(fromSeconds, from);
        close(toSeconds, to);
        last = to;
        return this;
    }

    /** At {@code seconds} a stretch of another speed, then as before. */
    public Speed dip(double fromSeconds, double lengthSeconds, double speed) {
        double before = last;
        return then(fromSeconds, speed).then(fromSeconds + lengthSeconds, before);
    }

    /** The speed at a moment. */
    double at(long nanos) {
        for (Piece piece : pieces) {
            if (nanos < piece.toNanos) {
                return value(piece, nanos);
            }
        }
        return last;
    }

    /** When work that starts now is done. */
    public long finish(long startNanos, long workNanos) {
        double left = workNanos;
        long now = startNanos;
        for (Piece piece : pieces) {
            if (now >= piece.toNanos) {
                continue;
            }
            double from = value(piece, now);
            double length = piece.toNanos - now;
            double done = (from + piece.end) / 2 * length;
            if (done >= left) {
                return now + (long) Math.ceil(solve(from, (piece.end - from) / length, left));
            }
            left -= done;
            now = piece.toNanos;
        }
        return now + (long) Math.ceil(left / last);
    }

    private void close(double seconds, double end) {
        long to = Millis.secondsToNanos(seconds);
        long from = pieces.isEmpty() ? 0 : pieces.get(pieces.size() - 1).toNanos;
        if (to > from) {
            pieces.add(new Piece(from, to, last, end));
        }
    }

    private static double value(Piece piece, long nanos) {
        double share = (double) (nanos - piece.fromNanos) / (piece.toNanos - piece.fromNanos);
        return piece.start + (piece.end - piece.start) * share;
    }

    /** The time after which a speed that grows by {@code slope} has done {@code work}. */
    private static double solve(double speed, double slope, double work) {
        if (Math.abs(slope) < 1e-30) {
            return work / speed;
        }
        return 2 * work / (speed + StrictMath.sqrt(speed * speed + 2 * slope * work));
    }
}
