// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

/** Makes calls through one adapter, from any thread. */
interface Caller extends AutoCloseable {
    /** Makes the call, reads its answer as planned, and never throws but for a bug of ours. */
    void call(Board.Call call, Canceller canceller, Seen seen);

    /** Whether nothing of the client is in use. */
    boolean isIdle();

    /** Whether the client may throw this, by its own contract. */
    boolean mayThrow(Plan plan, Throwable failure);

    @Override
    void close();
}
