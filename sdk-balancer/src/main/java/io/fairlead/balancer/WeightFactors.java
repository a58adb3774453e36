// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.Locale;

/**
 * What an instance's effective weight is made of. An immutable value.
 *
 * @param effective registry × the smaller of slow start and health × subset
 * @param registry the weight the registry has
 * @param slowStart what slow start leaves of it, above 0 to 1
 * @param health what its condition and its dynamic level leave of it, above 0 to 1
 * @param level its dynamic level, 0 when normal
 * @param subset the part of it that belongs to this process's subset, above 0 to 1
 */
public record WeightFactors(double effective, int registry, double slowStart, double health, int level, double subset) {

    /** As in {@code 0.6 (registry 1, health 0.6 at level 1)}; the registry's alone when nothing reduces it. */
    @Override
    public String toString() {
        StringBuilder parts = new StringBuilder();
        append(parts, "slow start", slowStart, "");
        append(parts, "health", health, level == 0 ? "" : " at level " + level);
        append(parts, "subset", subset, "");
        return number(effective) + (parts.isEmpty() ? "" : " (registry " + registry + parts + ")");
    }

    private static void append(StringBuilder parts, String name, double factor, String note) {
        if (factor < 1) {
            parts.append(", ").append(name).append(' ').append(number(factor)).append(note);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.2f", value);
    }
}
