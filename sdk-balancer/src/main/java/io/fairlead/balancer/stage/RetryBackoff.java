// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.balancer.Verdict;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long a call waits before its next attempt: not at all when nothing was processed or the instance asked to be left
 * alone, else full jitter, from 0 to a bound that doubles from 25 ms to 1 s. When there is nobody else, the call waits as
 * long as it was asked to.
 */
public final class RetryBackoff {
    private static final long BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long CAP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private RetryBackoff() {}

    /** In nanoseconds, after {@code attempts} of the call, the last of which ended so. */
    public static long nanos(Verdict verdict, int attempts, RandomGenerator random) {
        if (verdict.retryAfter() != null) {
            return 0;
        }
        if (verdict.resend() == Verdict.Resend.ALWAYS || verdict.trouble() == Verdict.Trouble.STALE_CONNECTION) {
            return 0;
        }
        long bound = Math.min(CAP_NANOS, BASE_NANOS << Math.min(attempts - 1, 10));
        return random.nextLong(bound + 1);
    }
}
