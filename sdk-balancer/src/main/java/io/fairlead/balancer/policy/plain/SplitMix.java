// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

/** Mixing of bits, one draw of randomness made into several, and arithmetic that comes out the same everywhere. */
public final class SplitMix {
    private static final int FRACTION_BITS = 52;
    private static final int EXPONENT_BIAS = 1023;
    private static final int LOGARITHM_BITS = 10;
    private static final double[] LOGARITHMS = logarithms();

    private SplitMix() {}

    /** A bijection whose every output bit depends on every input bit (SplitMix64's finaliser, Steele et al. 2014). */
    public static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    /** The {@code n}-th of a sequence of independent bits that starts from {@code seed}. */
    public static long at(long seed, long n) {
        return mix(seed + n * 0x9E3779B97F4A7C15L);
    }

    /** The same for the same text, everywhere and always: FNV-1a over UTF-16 code units, mixed. */
    public static long hash(String text) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
        }
        return mix(hash);
    }

    /** A number from 0 to below {@code size}, from the high half of {@code bits} (Lemire 2019). */
    public static int below(int size, long bits) {
        return (int) ((bits >>> 32) * size >>> 32);
    }

    /** A number from 0 to below 1, from the high bits. */
    public static double fraction(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }

    /** What an odd number is to be multiplied by for 1. Newton's iteration doubles the bits that are right: 3, 6, 12, 24, 48. */
    public static int inverse(int odd) {
        int inverse = odd;
        for (int i = 0; i < 4; i++) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }

    /** The natural logarithm of an ordinary positive number to six digits, by the same few operations everywhere and always. */
    public static double logarithm(double value) {
        long bits = Double.doubleToRawLongBits(value);
        int exponent = (int) (bits >>> FRACTION_BITS) - EXPONENT_BIAS;
        int index = (int) (bits >>> FRACTION_BITS - LOGARITHM_BITS) & (1 << LOGARITHM_BITS) - 1;
        double rest = (bits & (1L << FRACTION_BITS - LOGARITHM_BITS) - 1) * 0x1p-42;
        double low = LOGARITHMS[index];
        return exponent * LOGARITHMS[1 << LOGARITHM_BITS] + low + (LOGARITHMS[index + 1] - low) * rest;
    }

    private static double[] logarithms() {
        double[] table = new double[(1 << LOGARITHM_BITS) + 1];
        for (int i = 0; i < table.length; i++) {
            table[i] = StrictMath.log1p((double) i / (1 << LOGARITHM_BITS));
        }
        return table;
    }
}
