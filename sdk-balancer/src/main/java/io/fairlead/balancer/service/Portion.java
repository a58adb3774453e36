// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.Subsetting.Kind;
import io.fairlead.spi.Environment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Finds the instances of a large service that this process calls. Guarded by
 * the service's updates.
 */
final class Portion {
    private final Subsetting options;
    private final Seed seed;

    /** One random number for a service, made when it is needed first: so its subsets keep the ranks of its instances. */
    static final class Seed {
        private final Environment environment;
        private long value;
        private boolean made;

        Seed(Environment environment) {
            this.environment = environment;
        }

        long value() {
            if (!made) {
                value = environment.random().nextLong();
                made = true;
            }
            return value;
        }
    }

    Portion(Subsetting options, Seed seed) {
        this.options = options;
        this.seed = seed;
    }

    /** Whether so many are more than this process calls. */
    boolean isNeeded(int instances) {
        return options.isNeeded(instances);
    }

    /** Whether an instance at the end of an arc may count in part. */
    boolean hasShares() {
        return options.kind() == Kind.APERTURE;
    }

    /**
     * Those of the members at {@code places}, sorted by id, that this process calls, in the same order.
     *
     * @param inForce whether instances learn their shares
     */
    InstanceState[] of(Members members, int[] places, SubsetState subset, boolean inForce) {
        return switch (options.kind()) {
            case APERTURE -> aperture(members, places, subset, inForce);
            case ROUNDS -> states(members, places, deal(places.length, options.size(), options.client()));
            default -> lowest(members, places);
        };
    }

    /** The members with the lowest ranks: whoever comes or goes changes one of them at most. */
    private InstanceState[] lowest(Members members, int[] places) {
        long[] all = members.ranks(seed.value());
        long[] ranks = places.length == all.length
                ? all
                : Arrays.stream(places).mapToLong(place -> all[place]).toArray();
        long limit = highestOf(options.size(), ranks);
        InstanceState[] found = new InstanceState[options.size()];
        int count = 0;
        for (int i = 0; i < ranks.length && count < found.length; i++) {
            if (ranks[i] <= limit) {
                found[count++] = members.state(places[i]);
            }
        }
        return found;
    }

    /** The {@code size}-th lowest: the lowest are kept sorted, and few of many ever enter. */
    private static long highestOf(int size, long[] ranks) {
        long[] lowest = Arrays.copyOf(ranks, size);
        Arrays.sort(lowest);
        for (int i = size; i < ranks.length; i++) {
            long rank = ranks[i];
            if (rank < lowest[size - 1]) {
                int place = size - 1;
                while (place > 0 && lowest[place - 1] > rank) {
                    lowest[place] = lowest[place - 1];
                    place--;
                }
                lowest[place] = rank;
            }
        }
        return lowest[size - 1];
    }

    private InstanceState[] aperture(Members members, int[] places, SubsetState subset, boolean inForce) {
        Aperture arc = new Aperture(places.length, options.client(), options.clients(), options.size());
        List<InstanceState> found = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            double share = arc.share(i);
            if (share > 0) {
                InstanceState state = members.state(places[i]);
                if (inForce) {
                    subset.candidate(state).setPortionShare(share);
                }
                found.add(state);
            }
        }
        return found.toArray(InstanceState[]::new);
    }

    private static InstanceState[] states(Members members, int[] places, int[] chosen) {
        InstanceState[] found = new InstanceState[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            found[i] = members.state(places[chosen[i]]);
        }
        return found;
    }

    /**
     * The sorted numbers of the instances a client gets in {@link Kind#ROUNDS}: as many clients as fit share one shuffle
     * of them all.
     */
    static int[] deal(int instances, int size, int client) {
        int clientsInRound = Math.max(1, instances / size);
        int[] shuffled = new int[instances];
        SplittableRandom shuffler = new SplittableRandom(client / clientsInRound);
        for (int i = 0; i < instances; i++) {
            int other = shuffler.nextInt(i + 1);
            shuffled[i] = shuffled[other];
            shuffled[other] = i;
        }
        int from = client % clientsInRound * size;
        int[] members = Arrays.copyOfRange(shuffled, from, Math.min(instances, from + size));
        Arrays.sort(members);
        return members;
    }

    /**
     * The arc of a ring of instances that one of several clients covers (Finagle's deterministic aperture). Clients start at
     * even distances, and every arc has the same length, a whole number of those distances and wide enough for {@code size}
     * instances: so each point of the ring is covered equally often, and every instance is offered exactly the same load.
     * Computed in whole numbers, in units of which a client's distance has {@code instances} and an instance {@code clients}.
     *
     * @param instances on the ring
     * @param client number of the client, from 0
     * @param clients on the ring
     * @param size least number of instances an arc is as wide as, when there are so many
     */
    record Aperture(int instances, int client, int clients, int size) {

        /** Length of the arc in distances between clients. */
        long distances() {
            long wanted = Math.min(size, instances) * (long) clients;
            return Math.min(clients, (wanted + instances - 1) / instances);
        }

        /** Length of the arc, 1 for the whole ring. */
        double width() {
            return (double) distances() / clients;
        }

        /** The part of an instance that the arc covers, from 0 to 1. */
        double share(int instance) {
            long ring = (long) instances * clients;
            long from = (long) client * instances;
            long to = from + distances() * instances;
            long start = (long) instance * clients;
            long covered = overlap(from, to, start) + overlap(from, to, start + ring);
            return (double) covered / clients;
        }

        private long overlap(long from, long to, long start) {
            return Math.max(0, Math.min(to, start + clients) - Math.max(from, start));
        }
    }
}
