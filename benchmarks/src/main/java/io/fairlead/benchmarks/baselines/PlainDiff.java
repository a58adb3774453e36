// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

/** The floor of a changed list: the old and the new one compared id by id, and an alias table (Vose 1991) of the weights. */
public final class PlainDiff {
    /** What a registry lists; {@code id} sorts. */
    public record Listed(String id, int weight) {}

    private PlainDiff() {}

    /** The new list, with the old one's objects for whatever stayed the same. Both are sorted by id. */
    public static Listed[] diff(Listed[] old, Listed[] fresh) {
        Listed[] merged = new Listed[fresh.length];
        for (int i = 0, at = 0; i < fresh.length; i++) {
            while (at < old.length && old[at].id.compareTo(fresh[i].id) < 0) {
                at++;
            }
            merged[i] = at < old.length && old[at].equals(fresh[i]) ? old[at] : fresh[i];
        }
        return merged;
    }

    /** Fills {@code keep} with what each column keeps; returns who else is in it. {@code sum} is that of the weights. */
    public static int[] alias(Listed[] list, double sum, double[] keep) {
        int[] alias = new int[list.length];
        int[] stacks = new int[list.length];
        int small = 0;
        int large = list.length;
        for (int i = 0; i < list.length; i++) {
            keep[i] = list[i].weight * list.length / sum;
            stacks[keep[i] < 1 ? small++ : --large] = i;
        }
        while (small > 0 && large < list.length) {
            int rich = alias[stacks[--small]] = stacks[large++];
            keep[rich] -= 1 - keep[stacks[small]];
            stacks[keep[rich] < 1 ? small++ : --large] = rich;
        }
        return alias;
    }
}
