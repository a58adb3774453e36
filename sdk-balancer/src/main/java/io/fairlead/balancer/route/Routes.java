// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the calls of one service go: its subsets, the rules in order, of which the first that matches decides, and what holds
 * when none does. Off by default. An immutable value, safe for any thread.
 */
public final class Routes {
    /** Most subsets of a service. */
    public static final int MAX_SUBSETS = 32;

    /** Most rules of a service, the default aside. */
    public static final int MAX_RULES = 200;

    private static final Routes OFF =
            new Routes(Map.of(), List.of(), Rule.otherwise().build());

    private final Map<String, Subset> subsets;
    private final List<Rule> rules;
    private final Rule otherwise;

    private Routes(Map<String, Subset> subsets, List<Rule> rules, Rule otherwise) {
        this.subsets = Collections.unmodifiableMap(new LinkedHashMap<>(subsets));
        this.rules = List.copyOf(rules);
        this.otherwise = otherwise;
    }

    /** None: every call may go to every instance. */
    public static Routes off() {
        return OFF;
    }

    /** With nothing said yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** Whether there are none. */
    public boolean isOff() {
        return subsets.isEmpty();
    }

    /** The subsets by name, in the order they were given. */
    public Map<String, Subset> subsets() {
        return subsets;
    }

    /** The rules in order, without the default. */
    public List<Rule> rules() {
        return rules;
    }

    /** What holds when no rule matches; without destinations when this is off. */
    public Rule otherwise() {
        return otherwise;
    }

    /** What is allowed and most likely not meant: a rule that is never reached, a subset that nobody uses, and so on. */
    public List<Problem> lint() {
        return new RouteLint(this).problems();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Routes routes
                && routes.subsets.equals(subsets)
                && routes.rules.equals(rules)
                && routes.otherwise.equals(otherwise);
    }

    @Override
    public int hashCode() {
        return 31 * subsets.hashCode() + rules.hashCode();
    }

    /** A line for each rule, or {@code off}. */
    @Override
    public String toString() {
        if (isOff()) {
            return "off";
        }
        StringBuilder text = new StringBuilder();
        rules.forEach(rule -> text.append(rule).append('\n'));
        return text.append(otherwise).toString();
    }

    /** Collects the routes of one service and says all that is wrong with them. Not thread-safe. */
    public static final class Builder {
        private final List<Map.Entry<String, Subset>> subsets = new ArrayList<>();
        private final List<Rule> rules = new ArrayList<>();
        private @Nullable Rule otherwise;

        private Builder() {}

        /** One more subset. */
        public Builder subset(String name, Subset value) {
            subsets.add(Map.entry(name, value));
            return this;
        }

        /** One more rule, after those before. */
        public Builder rule(Rule value) {
            rules.add(value);
            return this;
        }

        /** What holds when no rule matches: a rule of {@link Rule#otherwise}. */
        public Builder otherwise(Rule value) {
            otherwise = value;
            return this;
        }

        /** Everything that is wrong, in the order of subsets, rules and default; empty when it can be built. */
        public List<Problem> problems() {
            return new RuleProblems(subsets, rules, otherwise).all();
        }

        /**
         * The routes.
         *
         * @throws IllegalArgumentException names all that is wrong
         */
        public Routes build() {
            List<Problem> problems = problems();
            Rule last = otherwise;
            if (!problems.isEmpty() || last == null) {
                throw new IllegalArgumentException(RuleProblems.text(problems));
            }
            Map<String, Subset> byName = new LinkedHashMap<>();
            subsets.forEach(subset -> byName.put(subset.getKey(), subset.getValue()));
            return new Routes(byName, rules, last);
        }
    }
}
