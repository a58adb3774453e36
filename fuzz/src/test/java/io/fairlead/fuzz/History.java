// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.util.List;
import java.util.stream.Collectors;

/** Calls one after another, or some at once, through one balancer and one client. An immutable value, made from its seed. */
record History(long seed, Setup setup, List<Plan> plans) {

    /** How an instance takes connections. */
    enum Mode {
        LISTENS,
        REFUSES,
        RESETS
    }

    /**
     * What holds for all calls of a history.
     *
     * @param hedgeAfterMillis 0 for no hedging
     * @param together how many calls run at once
     */
    record Setup(
            List<Mode> instances,
            String policy,
            int attempts,
            int hedgeAfterMillis,
            boolean hasCache,
            boolean follows,
            boolean hasList,
            int together) {}

    History without(Plan plan) {
        return new History(
                seed, setup, plans.stream().filter(other -> other != plan).toList());
    }

    /** Without what came after this call. */
    History upTo(int number) {
        return new History(
                seed,
                setup,
                plans.stream().filter(plan -> plan.number() <= number).toList());
    }

    /** Only these calls, by number; all for an empty text. */
    History only(String numbers) {
        if (numbers.isEmpty()) {
            return this;
        }
        List<String> wanted = List.of(numbers.split(","));
        return new History(
                seed,
                setup,
                plans.stream()
                        .filter(plan -> wanted.contains(Integer.toString(plan.number())))
                        .toList());
    }

    String numbers() {
        return plans.stream().map(plan -> Integer.toString(plan.number())).collect(Collectors.joining(","));
    }

    @Override
    public String toString() {
        return "seed " + seed + ", " + setup + "\n"
                + plans.stream().map(plan -> "  " + plan).collect(Collectors.joining("\n"));
    }
}
