// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.EventListener;
import io.fairlead.api.Subscription;

/**
 * A document that lives elsewhere and may change: a file, a key of Consul or etcd. It knows nothing of what the document says.
 * Safe for any thread. Making one starts no I/O.
 */
public interface DocumentSource {
    /** The longest document there may be, in bytes: 1 MiB. */
    int MOST_BYTES = 1 << 20;

    /** What and where, without secrets, for messages and for telling documents kept of several apart: {@code consul kv fairlead/routes}. */
    String description();

    /**
     * Follows the document from now on, until the subscription is closed: what comes after an outage, a deletion or an error is
     * found without help. Each watch is independent of the others.
     */
    Subscription watch(Listener listener);

    /**
     * Hears of the document. Calls to one listener come one at a time, in order, on a thread of the source's that it may hold up
     * for a while, never under a lock, and possibly before {@link #watch} has returned; none begins after the subscription was
     * closed, except one already running. What it throws is told to {@link EventListener#onCallbackFailed} and ends nothing.
     */
    interface Listener {
        /**
         * The document as it now is. Called when it is found first, when its content changed, and after {@link #onAbsent} or
         * {@link #onFailed} also when it did not. Of several changes in a row only the last need be told. An empty document is
         * present too.
         *
         * @param content at most {@link #MOST_BYTES} bytes, which are the listener's from now on; a source tells a longer one as
         *     a failure
         * @param revision what tells this version from others, for people: an index, a number, a time
         */
        void onPresent(byte[] content, String revision);

        /** There is none: it was deleted, or was never there. Told once until something else is told. */
        void onAbsent();

        /**
         * Nobody can say what it is now: not reachable, not readable, no rights, too long. Told once an outage, again when the
         * cause changes.
         *
         * @param cause its message says what was asked and what came of it, without secrets
         */
        void onFailed(Throwable cause);
    }
}
