// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * gRPC's retry throttling (gRFC A6) as an alternative to the budget: a failure that may be retried costs a token, a success
 * earns a part of one, and retries are allowed while more than half of the tokens are there. Integer thousandths; safe for
 * any thread.
 */
public final class RetryTokens implements RetryAllowance {
    private static final int TOKEN = 1_000;

    private final int max;
    private final int earned;
    private final AtomicInteger tokens;

    public RetryTokens(int max, double ratio) {
        this.max = max * TOKEN;
        this.earned = (int) Math.round(ratio * TOKEN);
        this.tokens = new AtomicInteger(this.max);
    }

    /** Takes over the part of the tokens that is left, so that it is as far from one half, where retries stop, as before. */
    @Override
    public RetryAllowance takingOver(RetryAllowance before) {
        if (before instanceof RetryTokens other) {
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
