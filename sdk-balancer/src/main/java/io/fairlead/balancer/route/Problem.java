// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

/**
 * One thing that is wrong with routes, or that is strange in them. An immutable value.
 *
 * @param path where, relative to the service, as in {@code rules[2].to[0].subset}; indexes count from 0, and the one
 *     condition of a rule is {@code match[0]}
 * @param message what was given, what was expected and, for a name, the nearest one
 */
public record Problem(String path, String message) {
    /** As in {@code rules[0].to[1].weight: -5 (expected: 0 to 1,000,000)}. */
    @Override
    public String toString() {
        return path + ": " + message;
    }
}
