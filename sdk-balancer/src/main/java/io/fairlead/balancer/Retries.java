// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.balancer.stage.RetryBudget;

/**
 * What is sent again, and how often. The defaults never send a call twice that may have been processed and is not
 * idempotent. An immutable value, safe for any thread.
 */
public final class Retries {
    private static final int MOST_ATTEMPTS = 10;
    private static final int MOST_QUOTA = 100_000;

    private final int attempts;
    private final double ratio;
    private final int perSecond;
    private final int tokens;
    private final double tokenRatio;
    private final int cost;
    private final boolean anyOn429;
    private final boolean anyOn503;
    private final boolean on500;
    private final boolean onTimeout;

    private Retries(Draft from) {
        this.attempts = from.attempts;
        this.ratio = from.ratio;
        this.perSecond = from.perSecond;
        this.tokens = from.tokens;
        this.tokenRatio = from.tokenRatio;
        this.cost = from.cost;
        this.anyOn429 = from.anyOn429;
        this.anyOn503 = from.anyOn503;
        this.on500 = from.on500;
        this.onTimeout = from.onTimeout;
    }

    /** Fields under change. */
    private static final class Draft {
        int attempts = 3;
        double ratio = 0.2;
        int perSecond = 3;
        int tokens;
        double tokenRatio;
        int cost;
        boolean anyOn429;
        boolean anyOn503;
        boolean on500;
        boolean onTimeout = true;
    }

    /** Three attempts; a budget of 20 % of the calls, or 3 a second over 10 s where that is more; 500 stands; timeouts are retried. */
    public static Retries defaults() {
        return new Retries(new Draft());
    }

    /** With another bound for the attempts of a call, 1 to 10; default 3. 1 switches retries off. */
    public Retries withAttempts(int most) {
        if (most < 1 || most > MOST_ATTEMPTS) {
            throw new IllegalArgumentException("attempts: " + most + " (expected: 1.." + MOST_ATTEMPTS + ")");
        }
        Draft draft = draft();
        draft.attempts = most;
        return new Retries(draft);
    }

    /**
     * With another budget per service.
     *
     * @param share retries a call earns, 0 to 1; default 0.2
     * @param aSecond retries a second allowed where the calls earn fewer; default 3
     */
    public Retries withBudget(double share, int aSecond) {
        new RetryBudget(share, aSecond, () -> 0);
        Draft draft = draft();
        draft.ratio = share;
        draft.perSecond = aSecond;
        draft.tokens = 0;
        draft.cost = 0;
        return new Retries(draft);
    }

    /**
     * With gRPC's throttle (gRFC A6) in place of the budget: each failure that may be retried costs a token, a success
     * earns {@code share} of one, and retries stop at half of the tokens.
     *
     * @param max tokens, 1 to 1000; 10 in gRPC
     * @param share above 0, to 1; 0.1 in gRPC
     */
    public Retries withTokens(int max, double share) {
        if (max < 1 || max > 1_000) {
            throw new IllegalArgumentException("retry tokens: " + max + " (expected: 1..1000)");
        }
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("retry token ratio: " + share + " (expected: above 0, to 1)");
        }
        Draft draft = draft();
        draft.tokens = max;
        draft.tokenRatio = share;
        draft.cost = 0;
        return new Retries(draft);
    }

    /**
     * With the AWS SDKs' quota in place of the budget: a retry costs {@code cost} tokens, which its success brings back; a
     * success at once brings one. A service of which nothing succeeds gets {@code max / cost} retries and then none; one that
     * fails in part may get far more than a budget would allow.
     *
     * @param max tokens, 1 to 100,000; 500 there
     * @param cost 1 to {@code max}; 5 there
     */
    public Retries withQuota(int max, int cost) {
        if (max < 1 || max > MOST_QUOTA) {
            throw new IllegalArgumentException("retry quota: " + max + " (expected: 1.." + MOST_QUOTA + ")");
        }
        if (cost < 1 || cost > max) {
            throw new IllegalArgumentException("retry cost: " + cost + " (expected: 1.." + max + ")");
        }
        Draft draft = draft();
        draft.tokens = max;
        draft.cost = cost;
        return new Retries(draft);
    }

    /** Also resends calls that are not idempotent after a 429: the service rejects before it processes. */
    public Retries resendingAnyOn429() {
        Draft draft = draft();
        draft.anyOn429 = true;
        return new Retries(draft);
    }

    /** Also resends calls that are not idempotent after a 503: the service guarantees that it did not process them. */
    public Retries resendingAnyOn503() {
        Draft draft = draft();
        draft.anyOn503 = true;
        return new Retries(draft);
    }

    /** Also resends idempotent calls after a 500. Most 500s are deterministic. */
    public Retries resendingOn500() {
        Draft draft = draft();
        draft.on500 = true;
        return new Retries(draft);
    }

    /** Lets a timeout stand, also of an idempotent call: the caller has waited long enough. */
    public Retries notOnTimeout() {
        Draft draft = draft();
        draft.onTimeout = false;
        return new Retries(draft);
    }

    public int attempts() {
        return attempts;
    }

    public boolean allows(CallSpec spec, Verdict verdict) {
        // A call that was never sent has its body untouched.
        boolean canSend = spec.replayable() || verdict.trouble() == Verdict.Trouble.UNREACHABLE;
        if (!canSend || spec.inboundAttempt() > 1) {
            return false;
        }
        return switch (verdict.resend()) {
            case NEVER -> verdict.trouble() == Verdict.Trouble.INTERNAL_ERROR && on500 && spec.idempotent();
            case ALWAYS -> true;
            case IF_IDEMPOTENT -> spec.idempotent() ? onTimeout || !isTimeout(verdict) : isAsked(verdict.trouble());
        };
    }

    private static boolean isTimeout(Verdict verdict) {
        return verdict.trouble() == Verdict.Trouble.TIMED_OUT;
    }

    private boolean isAsked(Verdict.Trouble trouble) {
        return trouble == Verdict.Trouble.RATE_LIMITED && anyOn429
                || trouble == Verdict.Trouble.UNAVAILABLE && anyOn503;
    }

    /** Retries a call earns, of the budget. */
    public double budgetRatio() {
        return ratio;
    }

    /** Retries a second that the budget allows at least. */
    public int budgetPerSecond() {
        return perSecond;
    }

    /** Tokens that stand in place of the budget; 0 where the budget is in force. */
    public int tokens() {
        return tokens;
    }

    /** What a success earns of a token. */
    public double tokenRatio() {
        return tokenRatio;
    }

    /** Tokens that a retry costs; 0 where a failure costs one. */
    public int cost() {
        return cost;
    }

    private Draft draft() {
        Draft draft = new Draft();
        draft.attempts = attempts;
        draft.ratio = ratio;
        draft.perSecond = perSecond;
        draft.tokens = tokens;
        draft.tokenRatio = tokenRatio;
        draft.cost = cost;
        draft.anyOn429 = anyOn429;
        draft.anyOn503 = anyOn503;
        draft.on500 = on500;
        draft.onTimeout = onTimeout;
        return draft;
    }
}
