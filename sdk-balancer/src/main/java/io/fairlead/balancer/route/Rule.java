// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.spi.BalancingPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Which calls of a service, and where they go. The first rule that matches decides for the whole call, before admission, and
 * for all its attempts. An immutable value; {@link Routes.Builder} says what is wrong with it.
 */
public final class Rule {
    /** In {@link #fallback}: whatever instance of the service is usable. */
    public static final String ANY = "any";

    /** The name of what holds when no rule matches. */
    public static final String DEFAULT = "default";

    private final String name;
    private final List<Match> matches;
    private final List<Destination> to;
    private final @Nullable StickyKey by;
    private final String seed;
    private final List<String> fallback;
    private final boolean retryInSame;
    private final Duration ramp;
    private final boolean tell;
    private final @Nullable Mirror mirror;
    private final @Nullable Duration timeout;
    private final @Nullable Retries retries;
    private final @Nullable RateLimit rateLimit;
    private final @Nullable BalancingPolicy policy;

    private Rule(Builder from) {
        name = from.name;
        matches = List.copyOf(from.matches);
        to = List.copyOf(from.to);
        by = from.by;
        seed = from.seed == null ? from.name : from.seed;
        fallback = List.copyOf(from.fallback);
        retryInSame = from.retryInSame;
        ramp = from.ramp;
        tell = from.tell;
        mirror = from.mirror;
        timeout = from.timeout;
        retries = from.retries;
        rateLimit = from.rateLimit;
        policy = from.policy;
    }

    /** A rule of a name, which is unique in its service and stands in facts, metrics and messages. */
    public static Builder named(String name) {
        return new Builder(name);
    }

    /** What holds when no rule matches; its name is {@link #DEFAULT}. */
    public static Builder otherwise() {
        return new Builder(DEFAULT);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** The conditions, one of which must hold; none when it matches every call. */
    public List<Match> matches() {
        return matches;
    }

    /** Whether it matches every call. */
    public boolean isAlways() {
        return matches.isEmpty() || matches.stream().anyMatch(Match::isAlways);
    }

    /**
     * Where its calls go, in the order of the draw. A canary stands first: then raising its weight moves no call between the
     * others. The last one takes what is left, and calls that lack the key of {@link #by}.
     */
    public List<Destination> to() {
        return to;
    }

    /** The key by which destinations are drawn, so that equal keys go to the same one; null to draw each call by itself. */
    public @Nullable StickyKey by() {
        return by;
    }

    /** What the draw is salted with; default the name. As long as it stays, equal keys stay where they are. */
    public String seed() {
        return seed;
    }

    /**
     * Subsets that answer, in this order, while the one drawn has no usable instance, and for attempts after the first; {@link
     * #ANY} as the last stands for all instances. None by default: then a call fails rather than leave its subset.
     */
    public List<String> fallback() {
        return fallback;
    }

    /**
     * Whether attempts after the first stay in the subset that was drawn, although there is a fallback; default false. Also when
     * the first went to a fallback, because nobody was usable there.
     */
    public boolean retryInSame() {
        return retryInSame;
    }

    /** Time over which changed weights are reached, linearly; default zero. */
    public Duration ramp() {
        return ramp;
    }

    /** Whether requests carry {@code X-Fairlead-Route: rule/subset}; default false. */
    public boolean tell() {
        return tell;
    }

    /** Copies of its calls; null for none. */
    public @Nullable Mirror mirror() {
        return mirror;
    }

    /** Longest time of its calls; null when the rule says nothing. */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /** What of its calls is sent again; null when the rule says nothing. The allowance stays the service's. */
    public @Nullable Retries retries() {
        return retries;
    }

    /** How many of its calls a second may be made, beside the service's own limit; null for any number. */
    public @Nullable RateLimit rateLimit() {
        return rateLimit;
    }

    /** How instances are chosen inside its subsets; null for the service's policy. */
    public @Nullable BalancingPolicy policy() {
        return policy;
    }

    private List<@Nullable Object> parts() {
        List<@Nullable Object> parts =
                new ArrayList<>(List.of(name, matches, to, seed, fallback, retryInSame, ramp, tell));
        parts.add(by);
        parts.add(mirror);
        parts.add(timeout);
        parts.add(retries);
        parts.add(rateLimit);
        parts.add(policy);
        return parts;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rule rule && rule.parts().equals(parts());
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, matches, to);
    }

    /** As in {@code tenth-of-users: method [GET] -> canary 10, stable 90 by header X-User-Id, else stable}. */
    @Override
    public String toString() {
        StringJoiner when = new StringJoiner(" or ").setEmptyValue("always");
        matches.forEach(match -> when.add(match.toString()));
        StringJoiner where = new StringJoiner(", ").setEmptyValue("nowhere");
        to.forEach(destination -> where.add(to.size() == 1 ? destination.subset() : destination.toString()));
        return name + ": " + when + " -> " + where + (by == null ? "" : " by " + by)
                + (fallback.isEmpty() ? "" : ", else " + String.join(", else ", fallback));
    }

    /** Collects what a rule says. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final List<Match> matches = new ArrayList<>();
        private final List<Destination> to = new ArrayList<>();
        private final List<String> fallback = new ArrayList<>();
        private @Nullable StickyKey by;
        private @Nullable String seed;
        private boolean retryInSame;
        private Duration ramp = Duration.ZERO;
        private boolean tell;
        private @Nullable Mirror mirror;
        private @Nullable Duration timeout;
        private @Nullable Retries retries;
        private @Nullable RateLimit rateLimit;
        private @Nullable BalancingPolicy policy;

        private Builder(String name) {
            this.name = name;
        }

        /** One more condition; one of them must hold. */
        public Builder match(Match value) {
            matches.add(value);
            return this;
        }

        /** The one subset, or one more with weight 1. */
        public Builder to(String subset) {
            return to(subset, 1);
        }

        /** One more destination. */
        public Builder to(String subset, long weight) {
            return to(Destination.of(subset, weight));
        }

        /** One more destination. */
        public Builder to(Destination value) {
            to.add(value);
            return this;
        }

        /** The key by which destinations are drawn. */
        public Builder by(StickyKey value) {
            by = value;
            return this;
        }

        /** What the draw is salted with, in place of the name. */
        public Builder seed(String value) {
            seed = value;
            return this;
        }

        /** Who answers when the subset that was drawn can not, in order; {@link Rule#ANY} for all instances. */
        public Builder fallback(String... subsets) {
            fallback.addAll(List.of(subsets));
            return this;
        }

        /** Attempts after the first stay in the subset that was drawn. */
        public Builder retryInSame() {
            retryInSame = true;
            return this;
        }

        /** Time over which changed weights are reached, up to 24 h. */
        public Builder ramp(Duration value) {
            ramp = value;
            return this;
        }

        /** Requests carry the rule and the subset. */
        public Builder tell() {
            tell = true;
            return this;
        }

        /** Copies of its calls. */
        public Builder mirror(Mirror value) {
            mirror = value;
            return this;
        }

        /** Longest time of its calls, above zero, up to 24 h. */
        public Builder timeout(Duration value) {
            timeout = value;
            return this;
        }

        /** What of its calls is sent again. */
        public Builder retries(Retries value) {
            retries = value;
            return this;
        }

        /** How many of its calls a second may be made. */
        public Builder rateLimit(RateLimit value) {
            rateLimit = value;
            return this;
        }

        /** How instances are chosen inside its subsets. */
        public Builder policy(BalancingPolicy value) {
            policy = value;
            return this;
        }

        /** The rule, unchecked. */
        public Rule build() {
            return new Rule(this);
        }
    }
}
