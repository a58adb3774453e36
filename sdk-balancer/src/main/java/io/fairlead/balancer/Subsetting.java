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
 */
public final class Subsetting {
    /** How the members are found. */
    public enum Kind {
        OFF,
        RENDEZVOUS,
        APERTURE,
        ROUNDS
    }

    private static final int LEAST_SIZE = 12;

    private final Kind kind;
    private final int above;
    private final int size;
    private final int client;
    private final int clients;

    private Subsetting(Kind kind, int above, int size, int client, int clients) {
        if (size < LEAST_SIZE) {
            throw new IllegalArgumentException("subset size: " + size + " (expected: " + LEAST_SIZE
                    + " or more, or all could be unusable at once)");
        }
        if (above < size) {
            throw new IllegalArgumentException(
                    "subset threshold: " + above + " (expected: the subset's size, " + size + ", or more)");
        }
        if (clients < 1 || client < 0 || client >= clients) {
            throw new IllegalArgumentException(
                    "client " + client + " of " + clients + " (expected: 0 to one less than their number)");
        }
        this.kind = kind;
        this.above = above;
        this.size = size;
        this.client = client;
        this.clients = clients;
    }

    /** Above 64 usable instances, 32 of them, drawn by this process. */
    public static Subsetting defaults() {
        return new Subsetting(Kind.RENDEZVOUS, 64, 32, 0, 1);
    }

    /** Every instance may be called. */
    public static Subsetting off() {
        return new Subsetting(Kind.OFF, 64, 32, 0, 1);
    }

    /**
     * This process covers its arc of the ring of instances, of which those at the ends count in part.
     *
     * @param client number of this process among the clients, from 0
     * @param clients how many clients there are
     */
    public static Subsetting aperture(int client, int clients) {
        return new Subsetting(Kind.APERTURE, 64, 32, client, clients);
    }

    /**
     * The instances are dealt out in rounds, shuffled anew for each.
     *
     * @param client number of this process among the clients, from 0
     * @param clients how many clients there are
     */
    public static Subsetting rounds(int client, int clients) {
        return new Subsetting(Kind.ROUNDS, 64, 32, client, clients);
    }

    /**
     * This with other numbers.
     *
     * @param newThreshold most usable instances that are all called, at least {@code newSize}; default 64
     * @param newSize how many are called above that, 12 or more; default 32
     */
    public Subsetting withSize(int newThreshold, int newSize) {
        return new Subsetting(kind, newThreshold, newSize, client, clients);
    }

    public Kind kind() {
        return kind;
    }

    public boolean isNeeded(int instances) {
        return kind != Kind.OFF && instances > above;
    }

    public int size() {
        return size;
    }

    public int client() {
        return client;
    }

    public int clients() {
        return clients;
    }
}
