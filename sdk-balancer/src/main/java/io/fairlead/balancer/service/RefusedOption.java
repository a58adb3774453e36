// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.function.Supplier;

/** An option that can not be taken up: what a user's code threw when it was asked for its part of it. */
public final class RefusedOption extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String option;

    private RefusedOption(String option, Throwable thrown) {
        super(option, thrown, false, false);
        this.option = option;
    }

    /** Asks a user's code for its part of an option. */
    public static <T> T asking(String option, Supplier<T> users) {
        try {
            return users.get();
        } catch (RefusedOption named) {
            throw named;
        } catch (Throwable thrown) {
            throw new RefusedOption(option, thrown);
        }
    }

    /** What the user of a balancer is told. */
    public IllegalArgumentException of(String whose) {
        return new IllegalArgumentException(
                "reconfigure: " + option + " of " + whose + " threw " + getCause() + "; nothing has changed",
                getCause());
    }
}
