// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Behaviour;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/** Counts what happens in one run and makes figures of it. For one thread. */
final class Recorder {
    private static final long SECOND = 1_000_000_000L;

    private final Scenario scenario;
    private final Shares shares;
    private final Histogram latencies = Histogram.fine();
    private final Histogram[] bySecond;
    private final long fromNanos;
    private final long toNanos;
    private long calls;
    private long good;
    private long inTime;
    private double latencySum;
    private long attempts;
    private long wasted;
    private long works;
    private int outstanding;
    private long changedNanos;
    private double area;
    private int falseEjections;
    private int panics;
    private int inPanic;
    private long panicNanos;
    private long panicChangedNanos;
    private int levelChanges;

    Recorder(Scenario scenario) {
        this.scenario = scenario;
        this.fromNanos = Millis.secondsToNanos(scenario.measuredFrom());
        this.toNanos = Millis.secondsToNanos(scenario.seconds());
        this.shares = new Shares(scenario);
        this.bySecond = new Histogram[(int) Math.ceil(scenario.seconds())];
        Arrays.setAll(bySecond, second -> Histogram.coarse());
    }

    void started(long nowNanos) {
        changeOutstanding(nowNanos, 1);
    }

    void sent(int client, int server, long nowNanos) {
        shares.sent(server, nowNanos);
        attempts += isMeasured(nowNanos) ? 1 : 0;
    }

    /** A call has its result; a failed one counts as one that took as long as callers would have waited. */
    void decided(long startNanos, long nowNanos, boolean success) {
        changeOutstanding(nowNanos, -1);
        if (startNanos >= toNanos) {
            return;
        }
        long latency = success ? nowNanos - startNanos : Math.max(nowNanos - startNanos, scenario.patienceNanos());
        bySecond[(int) (startNanos / SECOND)].add(latency);
        if (isMeasured(startNanos)) {
            calls++;
            good += success ? 1 : 0;
            inTime += success && latency <= scenario.inTimeNanos() ? 1 : 0;
            latencies.add(latency);
            latencySum += latency;
        }
    }

    void worked(boolean forNobody) {
        works++;
        wasted += forNobody ? 1 : 0;
    }

    /** Wrongly, unless the server is one of the bad, or does not serve. */
    void ejected(int server, long nowNanos) {
        ServerSpec spec = scenario.servers().get(server);
        boolean isRight = spec.isBad() || spec.at(nowNanos).kind() != Behaviour.Kind.SERVES;
        falseEjections += isRight ? 0 : 1;
    }

    /** The guard is closed again. */
    void admitted(int server, long nowNanos) {
        if (scenario.servers().get(server).isBad()) {
            shares.admitted(nowNanos);
        }
    }

    void panicked(boolean panicking, long nowNanos) {
        panics += panicking ? 1 : 0;
        panicNanos += inPanic * (nowNanos - panicChangedNanos);
        panicChangedNanos = nowNanos;
        inPanic += panicking ? 1 : -1;
    }

    void levelMoved() {
        levelChanges++;
    }

    int outstanding() {
        return outstanding;
    }

    /** @param used by each client, the servers it sent anything to */
    Outcomes outcomes(int longestQueue, BitSet[] used) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        double seconds = Millis.toSeconds(toNanos - fromNanos);
        figures.put(Figure.CALLS, (double) calls);
        figures.put(Figure.SUCCESS, 100.0 * good / calls);
        figures.put(Figure.WITHIN, 100.0 * inTime / calls);
        figures.put(Figure.MEAN, latencySum / calls / 1e6);
        figures.put(Figure.P50, latencies.percentileMillis(0.5));
        figures.put(Figure.P99, latencies.percentileMillis(0.99));
        figures.put(Figure.P999, latencies.percentileMillis(0.999));
        figures.put(Figure.P9999, latencies.percentileMillis(0.9999));
        figures.put(Figure.ATTEMPTS, (double) attempts / calls);
        figures.put(Figure.OUTSTANDING, area / SECOND / seconds);
        figures.put(Figure.LITTLE, calls / seconds * (latencySum / calls / SECOND));
        figures.put(Figure.FALSE_EJECTIONS, (double) falseEjections);
        figures.put(Figure.PANICS, (double) panics);
        figures.put(Figure.PANIC_SECONDS, Millis.toSeconds(panicNanos) / scenario.clients());
        double pairs = (double) scenario.clients() * scenario.servers().size();
        figures.put(Figure.LEVEL_CHANGES, levelChanges / pairs / Millis.toSeconds(toNanos) * 60);
        figures.put(Figure.LONGEST_QUEUE, (double) longestQueue);
        figures.put(Figure.WASTED, works == 0 ? 0 : 100.0 * wasted / works);
        describeConnections(figures, used);
        shares.describe(figures);
        double[] p99 = Arrays.stream(bySecond)
                .mapToDouble(second -> second.percentileMillis(0.99))
                .toArray();
        return Outcomes.of(figures, p99, shares.badBySecond());
    }

    private void describeConnections(Map<Figure, Double> figures, BitSet[] used) {
        int[] clients = new int[scenario.servers().size()];
        double instances = 0;
        for (BitSet set : used) {
            instances += (double) set.cardinality() / used.length;
            set.stream().forEach(server -> clients[server]++);
        }
        figures.put(Figure.CONNECTIONS, instances);
        figures.put(Figure.CLIENTS, (double) Arrays.stream(clients).max().orElse(0));
    }

    private void changeOutstanding(long nowNanos, int by) {
        long from = Math.max(changedNanos, fromNanos);
        long to = Math.min(nowNanos, toNanos);
        if (to > from) {
            area += (double) outstanding * (to - from);
        }
        changedNanos = nowNanos;
        outstanding += by;
    }

    private boolean isMeasured(long nanos) {
        return nanos >= fromNanos && nanos < toNanos;
    }
}
