// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.Retries;

/** Whether one more attempt is allowed; one per service, shared by retries and hedges. Safe for any thread. */
public sealed interface RetryAllowance permits RetryBudget, RetryQuota, RetryTokens {
    /** A full one, as a service's options say. */
    static RetryAllowance of(Retries options, Ticker ticker) {
        if (options.cost() > 0) {
            return new RetryQuota(options.tokens(), options.cost());
        }
        return options.tokens() > 0
                ? new RetryTokens(options.tokens(), options.tokenRatio())
                : new RetryBudget(options.budgetRatio(), options.budgetPerSecond(), ticker);
    }

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
