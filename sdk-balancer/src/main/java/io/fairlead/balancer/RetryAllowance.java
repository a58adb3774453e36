// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/** Whether one more attempt is allowed; one per service, shared by retries and hedges. Safe for any thread. */
sealed interface RetryAllowance permits RetryBudget, RetryQuota, RetryTokens {
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
