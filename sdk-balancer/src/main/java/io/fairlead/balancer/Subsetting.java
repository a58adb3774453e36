// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * How many instances of a large service this process calls, so that not every client keeps a connection to every
 * instance. Above 64 usable instances it calls 32 of them; under a policy that hashes keys it calls all, or a key would
 * not meet the same instance from everywhere. An immutable value.
 *
 * <p>By default a process draws its own subset by rendezvous hashing (Thaler, Ravishankar 1996; gRPC proposal A68): a
 * change of the list by one changes one member at most, and the load of instances is that of a random draw. Use it unless
 * clients know their number among all, which gives an even load: {@link #aperture} covers an arc of the ring of instances
 * (Finagle's deterministic aperture), and a change of one moves the arc's ends, by no more members than lie between two
 * clients and one at each end; {@link #rounds} deals the instances out in rounds (Site Reliability Engineering, chapter
 * 20), and a change of one moves a third of the members on average, sometimes nearly all: only for lists that hardly ever
 * change. Not for clients whose calls come in bursts of their own.
 *
 * @param kind how the members are found
 * @param above most usable instances that are all called, {@code size} or more; default 64
 * @param size how many are called above that, 12 or more; default 32
 * @param client number of this process among the clients, from 0; of no use to {@code RENDEZVOUS}
 * @param clients how many clients there are
 */
public record Subsetting(Kind kind, int above, int size, int client, int clients) {
    /** How the members are found. */
    public enum Kind {
        /** Every instance is a member. */
        OFF,
        /** Each process draws its own. */
        RENDEZVOUS,
        /** Each process covers its arc of the ring of instances. */
        APERTURE,
        /** The instances are dealt out in rounds. */
        ROUNDS
    }

    private static final int LEAST_SIZE = 12;
    private static final Subsetting DEFAULTS = new Subsetting(Kind.RENDEZVOUS, 64, 32, 0, 1);
    private static final Subsetting OFF = new Subsetting(Kind.OFF, 64, 32, 0, 1);

    /** Rejects a subset so small that all could be unusable at once, and a client that is not among the clients. */
    public Subsetting {
        Option.require(
                size >= LEAST_SIZE, "subsetting.size", size, LEAST_SIZE + " or more, or all could be unusable at once");
        Option.require(above >= size, "subsetting.above", above, "the subset's size, " + size + ", or more");
        Option.require(
                clients >= 1 && client >= 0 && client < clients,
                "subsetting.client",
                client + " of " + clients,
                "0 to one less than their number");
    }

    /** Above 64 usable instances, 32 of them, drawn by this process. */
    public static Subsetting defaults() {
        return DEFAULTS;
    }

    /** Every instance may be called. */
    public static Subsetting off() {
        return OFF;
    }

    /** This process covers its arc of the ring of instances, of which those at the ends count in part. */
    public static Subsetting aperture(int client, int clients) {
        return new Subsetting(Kind.APERTURE, 64, 32, client, clients);
    }

    /** The instances are dealt out in rounds, shuffled anew for each. */
    public static Subsetting rounds(int client, int clients) {
        return new Subsetting(Kind.ROUNDS, 64, 32, client, clients);
    }

    /** This with another threshold and another size. */
    public Subsetting withSize(int threshold, int members) {
        return new Subsetting(kind, threshold, members, client, clients);
    }

    /** Whether every instance is called, however many there are. */
    public boolean isOff() {
        return kind == Kind.OFF;
    }

    /** Whether of so many instances only some are called. */
    public boolean isNeeded(int instances) {
        return !isOff() && instances > above;
    }

    /** As in {@code 32 above 64 by APERTURE, client 3 of 20}. */
    @Override
    public String toString() {
        String who = clients == 1 ? "" : ", client " + client + " of " + clients;
        return isOff() ? "off" : size + " above " + above + " by " + kind + who;
    }
}
