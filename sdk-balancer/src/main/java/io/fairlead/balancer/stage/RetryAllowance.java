// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.Retries;
import java.util.concurrent.atomic.AtomicInteger;

/** Whether one more attempt is allowed; one per service, shared by retries and hedges. Safe for any thread. */
public sealed interface RetryAllowance permits RetryBudget, RetryAllowance.Quota, RetryAllowance.Tokens {
    /** A full allowance by these options. */
    static RetryAllowance of(Retries.Allowance options, Ticker ticker) {
        if (options instanceof Retries.Quota quota) {
            return new Quota(quota.max(), quota.cost());
        }
        if (options instanceof Retries.Tokens tokens) {
            return new Tokens(tokens.max(), tokens.ratio());
        }
        Retries.Budget budget = (Retries.Budget) options;
        return new RetryBudget(budget.ratio(), budget.perSecond(), ticker);
    }

    /**
     * Takes over what is left of another allowance of the same kind, within its own bounds; of another kind it takes nothing.
     * Called before anybody uses this one.
     */
    RetryAllowance takingOver(RetryAllowance before);

    /** One call begins. */
    void deposit(long nowNanos);

    /** An attempt was answered well, the first of its call or a later one. */
    default void succeeded(boolean isRetry) {}

    /** An attempt failed in a way that may be tried again. */
    default void failed() {}

    /** Takes one attempt when there is one. */
    boolean tryWithdraw(long nowNanos);

    /** Puts back one that was taken and not made. */
    void giveBack(long nowNanos);

    /** Attempts left, in thousandths. */
    int balanceMillis();

    /**
     * The AWS SDKs' retry quota as an alternative to the budget: a retry takes several tokens from a bucket and its success
     * brings them back; a success at once brings one. Without any success a full bucket is worth a fixed number of retries and
     * then none. Safe for any thread.
     */
    final class Quota implements RetryAllowance {
        private static final int TOKEN = 1_000;

        private final int max;
        private final int cost;
        private final AtomicInteger tokens;

        Quota(int max, int cost) {
            this.max = max;
            this.cost = cost;
            this.tokens = new AtomicInteger(max);
        }

        @Override
        public RetryAllowance takingOver(RetryAllowance before) {
            if (before instanceof Quota other) {
                tokens.set(Math.min(max, other.tokens.get()));
            }
            return this;
        }

        @Override
        public void deposit(long nowNanos) {}

        @Override
        public void succeeded(boolean isRetry) {
            earn(isRetry ? cost : 1);
        }

        @Override
        public boolean tryWithdraw(long nowNanos) {
            while (true) {
                int before = tokens.get();
                if (before < cost) {
                    return false;
                }
                if (tokens.compareAndSet(before, before - cost)) {
                    return true;
                }
            }
        }

        @Override
        public void giveBack(long nowNanos) {
            earn(cost);
        }

        @Override
        public int balanceMillis() {
            return tokens.get() / cost * TOKEN;
        }

        private void earn(int amount) {
            if (tokens.get() < max) {
                int unused = tokens.updateAndGet(now -> Math.min(max, now + amount));
            }
        }
    }

    /**
     * gRPC's retry throttling (gRFC A6) as an alternative to the budget: a failure that may be retried costs a token, a success
     * earns a part of one, and retries are allowed while more than half of the tokens are there. Integer thousandths; safe for
     * any thread.
     */
    final class Tokens implements RetryAllowance {
        private static final int TOKEN = 1_000;

        private final int max;
        private final int earned;
        private final AtomicInteger tokens;

        Tokens(int max, double ratio) {
            this.max = max * TOKEN;
            this.earned = (int) Math.round(ratio * TOKEN);
            this.tokens = new AtomicInteger(this.max);
        }

        /** Takes over the part of the tokens that is left, so that it is as far from one half, where retries stop, as before. */
        @Override
        public RetryAllowance takingOver(RetryAllowance before) {
            if (before instanceof Tokens other) {
                tokens.set((int) Math.round((double) other.tokens.get() / other.max * max));
            }
            return this;
        }

        @Override
        public void deposit(long nowNanos) {}

        @Override
        public void succeeded(boolean isRetry) {
            if (tokens.get() < max) {
                int unused = tokens.updateAndGet(now -> Math.min(max, now + earned));
            }
        }

        @Override
        public void failed() {
            int unused = tokens.updateAndGet(now -> Math.max(0, now - TOKEN));
        }

        @Override
        public boolean tryWithdraw(long nowNanos) {
            return tokens.get() > max / 2;
        }

        @Override
        public void giveBack(long nowNanos) {}

        @Override
        public int balanceMillis() {
            return tokens.get();
        }
    }
}
