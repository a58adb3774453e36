// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.Retries;

/** Whether one more attempt is allowed; one per service, shared by retries and hedges. Safe for any thread. */
public sealed interface RetryAllowance permits RetryBudget, RetryQuota, RetryTokens {
    /** A full allowance by these options. */
    static RetryAllowance of(Retries.Allowance options, Ticker ticker) {
        if (options instanceof Retries.Quota quota) {
            return new RetryQuota(quota.max(), quota.cost());
        }
        if (options instanceof Retries.Tokens tokens) {
            return new RetryTokens(tokens.max(), tokens.ratio());
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
}
