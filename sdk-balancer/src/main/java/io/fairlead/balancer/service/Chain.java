// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.RouteFacts;
import io.fairlead.api.RouteFacts.Why;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.stage.Nanos;
import io.fairlead.balancer.stage.RateLimiter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the calls of one rule go that were assigned to one of its subsets: to that subset, then to those that answer in its
 * place, in order. Made when rules come into force; a call only reads. Immutable but for the limiter, which any thread uses.
 */
public final class Chain {
    /**
     * How an attempt came to where its instance was picked. One object for each place and each reason, so that an attempt makes
     * none.
     *
     * @param place which of the chain's subsets, from 0
     * @param subset where it was picked; null for all of the service
     * @param told what its request says of it, or null
     */
    record Passage(
            RouteFacts facts,
            int place,
            @Nullable SubsetState subset,
            @Nullable String told) {
        /** The attempt begins: it counts where it was picked. The service counts its own. */
        void begin() {
            if (subset != null) {
                subset.begin();
            }
        }

        /** It is over. */
        void end() {
            if (subset != null) {
                subset.end();
            }
        }
    }

    private final Rule rule;
    private final List<String> names;
    private final int[] choices;
    private final Passage[][] passages;
    private final @Nullable RateLimiter limiter;
    private final long maxRateWaitNanos;
    private final @Nullable Mirroring mirroring;

    /**
     * A chain.
     *
     * @param names of its subsets, the assigned one first
     * @param subsets the same; null for all of the service
     * @param choices where each has its choice in the setup
     * @param limiter of the rule, or null
     * @param mirroring of the rule, or null
     * @param table the number of the table that it belongs to
     */
    Chain(
            Rule rule,
            List<String> names,
            @Nullable SubsetState[] subsets,
            int[] choices,
            @Nullable RateLimiter limiter,
            @Nullable Mirroring mirroring,
            long table) {
        this.rule = rule;
        this.names = List.copyOf(names);
        this.choices = choices;
        this.limiter = limiter;
        this.mirroring = mirroring;
        this.maxRateWaitNanos =
                rule.rateLimit() == null ? 0 : Nanos.of(rule.rateLimit().maxWait());
        Why[] reasons = Why.values();
        this.passages = new Passage[names.size()][reasons.length];
        for (int place = 0; place < names.size(); place++) {
            String told = rule.tell() ? rule.name() + '/' + names.get(place) : null;
            for (Why why : reasons) {
                RouteFacts facts = new RouteFacts(rule.name(), names.get(0), names.get(place), why, table);
                passages[place][why.ordinal()] = new Passage(facts, place, subsets[place], told);
            }
        }
    }

    public Rule rule() {
        return rule;
    }

    /** The rule's own limit, or null. */
    public @Nullable RateLimiter limiter() {
        return limiter;
    }

    public long maxRateWaitNanos() {
        return maxRateWaitNanos;
    }

    /** The rule's mirror, or null. */
    @Nullable
    Mirroring mirroring() {
        return mirroring;
    }

    int length() {
        return choices.length;
    }

    /** Where the {@code place}-th subset has its choice in the setup. */
    int choice(int place) {
        return choices[place];
    }

    /** The place where the search for an attempt begins: a later attempt leaves the subset if others may answer. */
    int firstPlace(int number) {
        return number > 1 && choices.length > 1 && !rule.retryInSame() ? 1 : 0;
    }

    /** How many places are searched. */
    int places(int number) {
        return number > 1 && rule.retryInSame() ? 1 : choices.length;
    }

    Passage passage(int place, Why why) {
        return passages[place][why.ordinal()];
    }

    /** The subset a call was assigned to, then those that may answer in its place. */
    List<String> names() {
        return names;
    }
}
