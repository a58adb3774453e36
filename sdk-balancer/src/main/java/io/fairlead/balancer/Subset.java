// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.Standing.Place;
import io.fairlead.balancer.Subsetting.Kind;
import io.fairlead.spi.Environment;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Finds the instances of a large service that this process calls. What does not belong to them is told so. Guarded by
 * the service's update lock.
 */
final class Subset {
    private final Subsetting options;
    private final Environment environment;
    private long seed;
    private boolean seeded;

    Subset(Subsetting options, Environment environment) {
        this.options = options;
        this.environment = environment;
    }

    /** All of {@code states}, sorted by id, or those of them that this process calls, in the same order. */
    InstanceState[] of(InstanceState[] states) {
        if (!options.isNeeded(states.length)) {
            return states;
        }
        return switch (options.kind()) {
            case APERTURE -> aperture(states);
            case ROUNDS -> dealt(states);
            default -> lowest(states);
        };
    }

    /** How the seed of this process spreads an identity: FNV-1a over its characters, mixed by SplitMix64's finaliser. */
    static long rank(String identity, long seed) {
        long hash = 0xCBF29CE484222325L ^ seed;
        for (int i = 0; i < identity.length(); i++) {
            hash = (hash ^ identity.charAt(i)) * 0x100000001B3L;
        }
        long mixed = (hash ^ hash >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    /** The members with the lowest ranks: whoever comes or goes changes one of them at most. */
    private InstanceState[] lowest(InstanceState[] states) {
        if (!seeded) {
            seed = environment.random().nextLong();
            seeded = true;
        }
        long[] ranks = new long[states.length];
        for (int i = 0; i < states.length; i++) {
            ranks[i] = states[i].standing().rank(states[i].instance(), seed);
        }
        long limit = highestOf(options.size(), ranks);
        InstanceState[] members = new InstanceState[options.size()];
        int count = 0;
        for (int i = 0; i < states.length; i++) {
            if (ranks[i] <= limit && count < members.length) {
                members[count++] = states[i];
            } else {
                states[i].standing().move(Place.OUTSIDE_SUBSET);
            }
        }
        return members;
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

    private InstanceState[] aperture(InstanceState[] states) {
        Aperture arc = new Aperture(states.length, options.client(), options.clients(), options.size());
        InstanceState[] members = new InstanceState[states.length];
        int count = 0;
        for (int i = 0; i < states.length; i++) {
            double share = arc.share(i);
            if (share > 0) {
                states[i].standing().setShare(share);
                members[count++] = states[i];
            } else {
                states[i].standing().move(Place.OUTSIDE_SUBSET);
            }
        }
        return Arrays.copyOf(members, count);
    }

    private InstanceState[] dealt(InstanceState[] states) {
        int[] members = deal(states.length, options.size(), options.client());
        InstanceState[] found = new InstanceState[members.length];
        int count = 0;
        for (int i = 0; i < states.length; i++) {
            if (count < members.length && members[count] == i) {
                found[count++] = states[i];
            } else {
                states[i].standing().move(Place.OUTSIDE_SUBSET);
            }
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
}
