// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The AWS SDKs' retry quota as an alternative to the budget: a retry takes several tokens from a bucket and its success
 * brings them back; a success at once brings one. Without any success a full bucket is worth a fixed number of retries and
 * then none. Safe for any thread.
 */
public final class RetryQuota implements RetryAllowance {
    private static final int TOKEN = 1_000;

    private final int max;
    private final int cost;
    private final AtomicInteger tokens;

    public RetryQuota(int max, int cost) {
        this.max = max;
        this.cost = cost;
        this.tokens = new AtomicInteger(max);
    }

    @Override
    public RetryAllowance takingOver(RetryAllowance before) {
        if (before instanceof RetryQuota other) {
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
