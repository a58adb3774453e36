// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** One experiment: servers, clients, traffic, and what is measured of it. Built once, then only read, by any thread. */
public final class Scenario {
    private final String name;
    private final String sentence;
    private final List<ServerSpec> servers;
    private final int clients;
    private final Arrivals arrivals;
    private final double seconds;
    private double measuredFrom;
    private double faultFrom;
    private double faultUntil = Double.POSITIVE_INFINITY;
    private double timeoutMillis;
    private double inTimeMillis = 1_000;
    private double skewMillis;
    private double crossZoneMillis;
    private double drainSeconds = 30;
    private int keys;
    private double keySkew;
    private boolean slowStart = true;
    private boolean subsets;
    private boolean large;
    private boolean staleViews;
    private boolean newcomers;
    private final TreeSet<Double> publishTimes = new TreeSet<>();

    public Scenario(
            String name, String sentence, List<ServerSpec> servers, int clients, Arrivals arrivals, double seconds) {
        this.name = name;
        this.sentence = sentence;
        this.servers = List.copyOf(servers);
        this.clients = clients;
        this.arrivals = arrivals;
        this.seconds = seconds;
    }

    /** What happens before this moment is not measured. */
    public Scenario measuredFrom(double value) {
        this.measuredFrom = value;
        return this;
    }

    /** When the bad instances are bad. */
    public Scenario fault(double from, double until) {
        this.faultFrom = from;
        this.faultUntil = until;
        return this;
    }

    /** How long a caller waits for an attempt. */
    Scenario timeout(double millis) {
        this.timeoutMillis = millis;
        return this;
    }

    /** How long calls may go on after the last one came. */
    Scenario drain(double value) {
        this.drainSeconds = value;
        return this;
    }

    /** What counts as in time. */
    Scenario inTime(double millis) {
        this.inTimeMillis = millis;
        return this;
    }

    /** Clients hear of a new list up to this long after it is made. */
    Scenario skew(double millis) {
        this.skewMillis = millis;
        return this;
    }

    /** What a call to another zone costs more. */
    Scenario crossZone(double millis) {
        this.crossZoneMillis = millis;
        return this;
    }

    /** Calls carry one of so many keys, the n-th drawn with probability in proportion to n to the minus skew. */
    public Scenario keys(int count, double skew) {
        this.keys = count;
        this.keySkew = skew;
        return this;
    }

    /** New instances get their full share at once. */
    public Scenario withoutSlowStart() {
        this.slowStart = false;
        return this;
    }

    /** Each client calls a subset of a large list, as is the default, instead of all. */
    Scenario withSubsets() {
        this.subsets = true;
        return this;
    }

    /** So large that runs take turns, and only the usual contenders take part. */
    Scenario large() {
        this.large = true;
        return this;
    }

    /** The instances whose share is shown are not bad but new. */
    Scenario ofNewcomers() {
        this.newcomers = true;
        return this;
    }

    /** Those who read what servers published a while ago take part too. */
    Scenario withStaleViews() {
        this.staleViews = true;
        return this;
    }

    /** A moment at which the registry publishes its list, besides those at which instances come and go. */
    Scenario publishAt(double value) {
        publishTimes.add(value);
        return this;
    }

    public String name() {
        return name;
    }

    public String sentence() {
        return sentence;
    }

    public List<ServerSpec> servers() {
        return servers;
    }

    public int clients() {
        return clients;
    }

    public Arrivals arrivals() {
        return arrivals;
    }

    public double seconds() {
        return seconds;
    }

    public double measuredFrom() {
        return measuredFrom;
    }

    public double faultFrom() {
        return faultFrom;
    }

    public double faultUntil() {
        return faultUntil;
    }

    public long timeoutNanos() {
        return Millis.toNanos(timeoutMillis);
    }

    /** How long a failed call is taken to have lasted. */
    public long patienceNanos() {
        return timeoutMillis > 0 ? timeoutNanos() : Millis.toNanos(inTimeMillis * 10);
    }

    public long inTimeNanos() {
        return Millis.toNanos(inTimeMillis);
    }

    public long skewNanos() {
        return Millis.toNanos(skewMillis);
    }

    public long crossZoneNanos() {
        return Millis.toNanos(crossZoneMillis);
    }

    public double drainSeconds() {
        return drainSeconds;
    }

    public int keys() {
        return keys;
    }

    public double keySkew() {
        return keySkew;
    }

    public boolean slowStart() {
        return slowStart;
    }

    public boolean subsets() {
        return subsets;
    }

    public boolean isLarge() {
        return large;
    }

    public boolean isOfNewcomers() {
        return newcomers;
    }

    public boolean hasStaleViews() {
        return staleViews;
    }

    /** The bad instances' share of the instances listed while they are bad. */
    public double fairBadShare() {
        double at = faultFrom + 1e-3;
        long listed = servers.stream().filter(server -> server.isListed(at)).count();
        long bad = servers.stream()
                .filter(server -> server.isBad() && server.isListed(at))
                .count();
        return (double) bad / listed;
    }

    public List<Double> publishTimes() {
        TreeSet<Double> times = new TreeSet<>(publishTimes);
        for (ServerSpec server : servers) {
            times.add(server.listedFrom());
            times.add(server.listedUntil());
        }
        times.removeIf(time -> time <= 0 || time > seconds);
        return new ArrayList<>(times);
    }
}
