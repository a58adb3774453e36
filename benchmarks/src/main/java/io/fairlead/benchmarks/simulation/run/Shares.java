// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.Arrays;
import java.util.Map;

/**
 * Who got how many attempts, by quarters of a second: fairness, the share of the bad instances, and how long it takes to
 * leave them and to come back. For one thread.
 */
final class Shares {
    private static final int BUCKETS_A_SECOND = 4;
    private static final int DETAILED_CELLS = 4_000_000;
    private static final int SECONDS_A_WINDOW = 10;
    private static final double UNEVEN = 2.5;

    private final Scenario scenario;
    private final int servers;
    private final int buckets;
    private final int[] total;
    private final int[] bad;
    private final int[] cells;
    private int admitted;

    Shares(Scenario scenario) {
        this.scenario = scenario;
        this.servers = scenario.servers().size();
        this.buckets = (int) Math.ceil(scenario.seconds() * BUCKETS_A_SECOND);
        this.total = new int[buckets];
        this.bad = new int[buckets];
        this.cells = (long) buckets * servers <= DETAILED_CELLS ? new int[buckets * servers] : new int[0];
    }

    void sent(int server, long nowNanos) {
        int bucket = (int) (nowNanos / (1_000_000_000L / BUCKETS_A_SECOND));
        if (bucket >= buckets) {
            return;
        }
        total[bucket]++;
        bad[bucket] += scenario.servers().get(server).isBad() ? 1 : 0;
        if (cells.length > 0) {
            cells[bucket * servers + server]++;
        }
    }

    void describe(Map<Figure, Double> figures) {
        if (cells.length > 0) {
            describeFairness(figures);
        }
        if (scenario.servers().stream().noneMatch(ServerSpec::isBad)) {
            return;
        }
        int from = bucketOf(scenario.faultFrom());
        int to = Math.min(buckets, bucketOf(scenario.faultUntil()));
        figures.put(Figure.BAD_SHARE, 100 * share(from, to));
        double least = 100;
        for (int start = from; start + BUCKETS_A_SECOND <= to; start += BUCKETS_A_SECOND) {
            least = Math.min(least, 100 * share(start, start + BUCKETS_A_SECOND));
        }
        figures.put(Figure.LEAST_SHARE, least);
        double half = scenario.fairBadShare() / 2;
        figures.put(Figure.DETECT, secondsUntil(from, 0, true, half));
        figures.put(Figure.LEFT, secondsUntil(from, BUCKETS_A_SECOND, true, half));
        if (to < buckets) {
            figures.put(Figure.RECOVER, secondsUntil(to, 0, false, half));
            figures.put(Figure.BACK, secondsUntil(Math.max(to, admitted), BUCKETS_A_SECOND, false, half));
        }
    }

    /** A bad instance is no longer ejected. */
    void admitted(long nowNanos) {
        admitted = (int) (nowNanos / (1_000_000_000L / BUCKETS_A_SECOND));
    }

    /** The bad instances' share in each second, in percent. */
    double[] badBySecond() {
        double[] shares = new double[buckets / BUCKETS_A_SECOND];
        for (int second = 0; second < shares.length; second++) {
            shares[second] = 100 * share(second * BUCKETS_A_SECOND, (second + 1) * BUCKETS_A_SECOND);
        }
        return shares;
    }

    /**
     * Seconds from a bucket until the share of a second is below, or not below, a bound; the second ends then, or so many
     * buckets later.
     */
    private double secondsUntil(int from, int later, boolean below, double bound) {
        for (int at = later == 0 ? from + 1 : from; at + later <= buckets; at++) {
            double share = share(Math.max(0, at + later - BUCKETS_A_SECOND), at + later);
            if (share < bound == below) {
                return (double) (at - from) / BUCKETS_A_SECOND;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private double share(int from, int to) {
        long all = 0;
        long some = 0;
        for (int i = Math.max(0, from); i < Math.min(buckets, to); i++) {
            all += total[i];
            some += bad[i];
        }
        return all == 0 ? 0 : (double) some / all;
    }

    private void describeFairness(Map<Figure, Double> figures) {
        int first = bucketOf(scenario.measuredFrom());
        int window = SECONDS_A_WINDOW * BUCKETS_A_SECOND;
        double spread = 0;
        int windows = 0;
        for (int start = first; start + window <= buckets; start += window) {
            spread += spread(counts(start, start + window));
            windows++;
        }
        long[] counts = counts(first, buckets);
        double sum = 0;
        double squares = 0;
        double most = 0;
        for (long count : counts) {
            sum += count;
            squares += (double) count * count;
            most = Math.max(most, count);
        }
        figures.put(Figure.SPREAD, windows == 0 ? spread(counts) : spread / windows);
        figures.put(Figure.MAX_OVER_MEAN, most * servers / sum);
        figures.put(Figure.JAIN, sum * sum / (servers * squares));
        describeWorst(figures, first);
    }

    private void describeWorst(Map<Figure, Double> figures, int first) {
        int seconds = 0;
        int uneven = 0;
        double worst = 0;
        for (int start = first; start + BUCKETS_A_SECOND <= buckets; start += BUCKETS_A_SECOND) {
            seconds++;
            uneven += overIdlest(counts(start, start + BUCKETS_A_SECOND)) >= UNEVEN ? 1 : 0;
            int end = start + SECONDS_A_WINDOW * BUCKETS_A_SECOND;
            worst = end <= buckets ? Math.max(worst, overIdlest(counts(start, end))) : worst;
        }
        figures.put(Figure.UNEVEN, 100.0 * uneven / seconds);
        figures.put(Figure.WORST_TEN, worst);
    }

    /** The busiest over the idlest, who has had one call at least: then a figure can be compared. */
    private static double overIdlest(long[] counts) {
        return Arrays.stream(counts).max().orElse(0)
                / (double) Math.max(1, Arrays.stream(counts).min().orElse(0));
    }

    private long[] counts(int from, int to) {
        long[] counts = new long[servers];
        for (int bucket = from; bucket < to; bucket++) {
            for (int server = 0; server < servers; server++) {
                counts[server] += cells[bucket * servers + server];
            }
        }
        return counts;
    }

    /** Standard deviation over mean. */
    private static double spread(long[] counts) {
        double mean = 0;
        for (long count : counts) {
            mean += (double) count / counts.length;
        }
        double squares = 0;
        for (long count : counts) {
            squares += (count - mean) * (count - mean);
        }
        return Math.sqrt(squares / counts.length) / mean;
    }

    private static int bucketOf(double seconds) {
        return (int) Math.min(Integer.MAX_VALUE, Math.round(seconds * BUCKETS_A_SECOND));
    }
}
