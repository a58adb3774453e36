// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** One experiment: servers, clients, traffic, and what is measured of it. Built once, then only read, by any thread. */
final class Scenario {
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

    Scenario(String name, String sentence, List<ServerSpec> servers, int clients, Arrivals arrivals, double seconds) {
        this.name = name;
        this.sentence = sentence;
        this.servers = List.copyOf(servers);
        this.clients = clients;
        this.arrivals = arrivals;
        this.seconds = seconds;
    }

    /** What happens before this moment is not measured. */
    Scenario measuredFrom(double value) {
        this.measuredFrom = value;
        return this;
    }

    /** When the bad instances are bad. */
    Scenario fault(double from, double until) {
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
    Scenario keys(int count, double skew) {
        this.keys = count;
        this.keySkew = skew;
        return this;
    }

    /** New instances get their full share at once. */
    Scenario withoutSlowStart() {
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

    String name() {
        return name;
    }

    String sentence() {
        return sentence;
    }

    List<ServerSpec> servers() {
        return servers;
    }

    int clients() {
        return clients;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    double seconds() {
        return seconds;
    }

    double measuredFrom() {
        return measuredFrom;
    }

    double faultFrom() {
        return faultFrom;
    }

    double faultUntil() {
        return faultUntil;
    }

    long timeoutNanos() {
        return Millis.toNanos(timeoutMillis);
    }

    /** How long a failed call is taken to have lasted. */
    long patienceNanos() {
        return timeoutMillis > 0 ? timeoutNanos() : Millis.toNanos(inTimeMillis * 10);
    }

    long inTimeNanos() {
        return Millis.toNanos(inTimeMillis);
    }

    long skewNanos() {
        return Millis.toNanos(skewMillis);
    }

    long crossZoneNanos() {
        return Millis.toNanos(crossZoneMillis);
    }

    double drainSeconds() {
        return drainSeconds;
    }

    int keys() {
        return keys;
    }

    double keySkew() {
        return keySkew;
    }

    boolean slowStart() {
        return slowStart;
    }

    boolean subsets() {
        return subsets;
    }

    boolean isLarge() {
        return large;
    }

    boolean isOfNewcomers() {
        return newcomers;
    }

    boolean hasStaleViews() {
        return staleViews;
    }

    /** The bad instances' share of the instances listed while they are bad. */
    double fairBadShare() {
        double at = faultFrom + 1e-3;
        long listed = servers.stream().filter(server -> server.isListed(at)).count();
        long bad = servers.stream()
                .filter(server -> server.isBad() && server.isListed(at))
                .count();
        return (double) bad / listed;
    }

    List<Double> publishTimes() {
        TreeSet<Double> times = new TreeSet<>(publishTimes);
        for (ServerSpec server : servers) {
            times.add(server.listedFrom());
            times.add(server.listedUntil());
        }
        times.removeIf(time -> time <= 0 || time > seconds);
        return new ArrayList<>(times);
    }
}
