// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * What is sent again, and how often. The defaults never send a call twice that may have been processed and is not
 * idempotent. An immutable value.
 *
 * @param attempts most attempts of one call, 1 to 10; default 3. 1 is off.
 * @param allowance how many retries the traffic of a service allows; default {@link Budget}
 * @param resend what may be sent again although it is not always safe or of use; default
 *     {@link Resend#IDEMPOTENT_ON_TIMEOUT}
 */
public record Retries(int attempts, Allowance allowance, Set<Resend> resend) {
    private static final int MOST_ATTEMPTS = 10;
    private static final Retries DEFAULTS = new Retries(3, new Budget(0.2, 3), Set.of(Resend.IDEMPOTENT_ON_TIMEOUT));
    private static final Retries OFF = DEFAULTS.withAttempts(1);

    /** What is a matter of opinion about sending again. */
    public enum Resend {
        /** Any call after a 429: the service rejects before it processes. */
        ANY_ON_429,
        /** Any call after a 503: the service guarantees that it did not process it. */
        ANY_ON_503,
        /** An idempotent call after a 500. Most 500s are deterministic. */
        IDEMPOTENT_ON_500,
        /** An idempotent call after a timeout. Without it the timeout stands: the caller has waited long enough. */
        IDEMPOTENT_ON_TIMEOUT
    }

    /** How many retries the traffic of a service allows. */
    public sealed interface Allowance permits Budget, Tokens, Quota {}

    /**
     * Each call earns a part of a retry; quiet clients get a few a second.
     *
     * @param ratio retries a call earns, 0 to 1; default 0.2
     * @param perSecond retries a second allowed where the calls earn fewer, 0 to 10,000; default 3
     */
    public record Budget(double ratio, int perSecond) implements Allowance {
        /** Rejects what lies outside the ranges. */
        public Budget {
            Option.require(ratio >= 0 && ratio <= 1, "retries.budget.ratio", ratio, "0..1");
            Option.require(perSecond >= 0 && perSecond <= 10_000, "retries.budget.perSecond", perSecond, "0..10000");
        }
    }

    /**
     * gRPC's throttle (gRFC A6): each failure that may be retried costs a token, a success earns {@code ratio} of one, and
     * retries stop at half of the tokens.
     *
     * @param max tokens, 1 to 1000; 10 in gRPC
     * @param ratio above 0, to 1; 0.1 in gRPC
     */
    public record Tokens(int max, double ratio) implements Allowance {
        /** Rejects what lies outside the ranges. */
        public Tokens {
            Option.require(max >= 1 && max <= 1_000, "retries.tokens.max", max, "1..1000");
            Option.require(ratio > 0 && ratio <= 1, "retries.tokens.ratio", ratio, "above 0, to 1");
        }
    }

    /**
     * The AWS SDKs' quota: a retry costs {@code cost} tokens, which its success brings back; a success at once brings one.
     * A service of which nothing succeeds gets {@code max / cost} retries and then none; one that fails in part may get far
     * more than a budget would allow.
     *
     * @param max tokens, 1 to 100,000; 500 there
     * @param cost 1 to {@code max}; 5 there
     */
    public record Quota(int max, int cost) implements Allowance {
        /** Rejects what lies outside the ranges. */
        public Quota {
            Option.require(max >= 1 && max <= 100_000, "retries.quota.max", max, "1..100000");
            Option.require(cost >= 1 && cost <= max, "retries.quota.cost", cost, "1.." + max);
        }
    }

    /** Copies the set; rejects a number of attempts outside its range. */
    public Retries {
        Option.require(attempts >= 1 && attempts <= MOST_ATTEMPTS, "retries.attempts", attempts, "1.." + MOST_ATTEMPTS);
        Objects.requireNonNull(allowance, "allowance");
        EnumSet<Resend> copy = EnumSet.noneOf(Resend.class);
        copy.addAll(resend);
        resend = Collections.unmodifiableSet(copy);
    }

    /**
     * Three attempts; a budget of 20 % of the calls, or 3 a second over 10 s where that is more; 500 stands; timeouts are
     * retried.
     */
    public static Retries defaults() {
        return DEFAULTS;
    }

    /** One attempt. */
    public static Retries off() {
        return OFF;
    }

    /** This with another bound for the attempts of a call. */
    public Retries withAttempts(int value) {
        return new Retries(value, allowance, resend);
    }

    /** This with another allowance. */
    public Retries withAllowance(Allowance value) {
        return new Retries(attempts, value, resend);
    }

    /** This with another {@link Budget}. */
    public Retries withBudget(double ratio, int perSecond) {
        return withAllowance(new Budget(ratio, perSecond));
    }

    /** This with {@link Tokens} in place of the budget. */
    public Retries withTokens(int max, double ratio) {
        return withAllowance(new Tokens(max, ratio));
    }

    /** This with a {@link Quota} in place of the budget. */
    public Retries withQuota(int max, int cost) {
        return withAllowance(new Quota(max, cost));
    }

    /** This, with one more kind of call that is sent again. */
    public Retries withResend(Resend added) {
        EnumSet<Resend> more = EnumSet.of(added);
        more.addAll(resend);
        return new Retries(attempts, allowance, more);
    }

    /** This, with one kind of call less that is sent again. */
    public Retries withoutResend(Resend removed) {
        EnumSet<Resend> fewer = EnumSet.noneOf(Resend.class);
        fewer.addAll(resend);
        fewer.remove(removed);
        return new Retries(attempts, allowance, fewer);
    }

    /** Whether nothing is sent again. */
    public boolean isOff() {
        return attempts == 1;
    }

    /** Whether a call may be sent again after an attempt that came to this. */
    public boolean allows(CallSpec spec, Verdict verdict) {
        // A call that was never sent has its body untouched.
        boolean canSend = spec.replayable() || verdict.trouble() == Verdict.Trouble.UNREACHABLE;
        if (!canSend || spec.inboundAttempt() > 1) {
            return false;
        }
        return switch (verdict.resend()) {
            case NEVER ->
                verdict.trouble() == Verdict.Trouble.INTERNAL_ERROR
                        && resend.contains(Resend.IDEMPOTENT_ON_500)
                        && spec.idempotent();
            case ALWAYS -> true;
            case IF_IDEMPOTENT ->
                spec.idempotent()
                        ? resend.contains(Resend.IDEMPOTENT_ON_TIMEOUT) || !isTimeout(verdict)
                        : isAsked(verdict.trouble());
        };
    }

    private static boolean isTimeout(Verdict verdict) {
        return verdict.trouble() == Verdict.Trouble.TIMED_OUT;
    }

    private boolean isAsked(Verdict.Trouble trouble) {
        return trouble == Verdict.Trouble.RATE_LIMITED && resend.contains(Resend.ANY_ON_429)
                || trouble == Verdict.Trouble.UNAVAILABLE && resend.contains(Resend.ANY_ON_503);
    }

    /** As in {@code 3 attempts, Budget[ratio=0.2, perSecond=3], [IDEMPOTENT_ON_TIMEOUT]}. */
    @Override
    public String toString() {
        return isOff() ? "off" : attempts + " attempts, " + allowance + ", " + resend;
    }
}
