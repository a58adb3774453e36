// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.world.Decimal;

/**
 * One thing that must come out, and what did. An immutable value.
 *
 * @param number the target's number in {@link Targets}, or a dash when nobody has published a figure
 * @param what what was done and measured
 * @param low least value expected
 * @param high greatest value expected
 * @param seen the value
 * @param digits how many decimals are shown
 * @param unit of the value, may be empty
 */
record Row(String number, String what, double low, double high, double seen, int digits, String unit) {

    boolean isMet() {
        return seen >= low && seen <= high;
    }

    static Row between(String number, String what, double low, double high, double seen, int digits, String unit) {
        return new Row(number, what, low, high, seen, digits, unit);
    }

    static Row atMost(String number, String what, double high, double seen, int digits, String unit) {
        return new Row(number, what, Double.NEGATIVE_INFINITY, high, seen, digits, unit);
    }

    static Row atLeast(String number, String what, double low, double seen, int digits, String unit) {
        return new Row(number, what, low, Double.POSITIVE_INFINITY, seen, digits, unit);
    }

    String expected() {
        if (low == Double.NEGATIVE_INFINITY) {
            return "≤ " + number(high);
        }
        if (high == Double.POSITIVE_INFINITY) {
            return "≥ " + number(low);
        }
        return low == high ? number(low) : number(low) + " … " + number(high);
    }

    String seenText() {
        return Double.isInfinite(seen) ? "never" : number(seen);
    }

    @Override
    public String toString() {
        return number + " " + what + ": " + seenText() + " (expected: " + expected() + ")";
    }

    private String number(double value) {
        return Decimal.text(value, digits) + (unit.isEmpty() ? "" : " " + unit);
    }
}
