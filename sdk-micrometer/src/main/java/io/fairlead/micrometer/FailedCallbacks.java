// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.api.EventListener;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts callbacks of the application that threw. Give it to the balancer, and to the registry's environment, as a listener, and to
 * {@link FairleadMeterBinder#failedCallbacks}. Safe for any thread.
 */
public final class FailedCallbacks implements EventListener {
    private final AtomicLong number = new AtomicLong();

    /** None yet. */
    public FailedCallbacks() {}

    @Override
    public void onCallbackFailed(String where, Throwable failure) {
        number.incrementAndGet();
    }

    /** How many threw so far. */
    public long number() {
        return number.get();
    }
}
