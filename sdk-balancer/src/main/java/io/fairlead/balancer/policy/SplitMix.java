// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

/** Mixing of bits, and one draw of randomness made into several. */
final class SplitMix {
    private SplitMix() {}

    /** A bijection whose every output bit depends on every input bit (SplitMix64's finaliser, Steele et al. 2014). */
    static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    /** The {@code n}-th of a sequence of independent bits that starts from {@code seed}. */
    static long at(long seed, long n) {
        return mix(seed + n * 0x9E3779B97F4A7C15L);
    }

    /** The same for the same text, everywhere and always: FNV-1a over UTF-16 code units, mixed. */
    static long hash(String text) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
        }
        return mix(hash);
    }

    /** A number from 0 to below {@code size}, from the high half of {@code bits} (Lemire 2019). */
    static int below(int size, long bits) {
        return (int) ((bits >>> 32) * size >>> 32);
    }
}
