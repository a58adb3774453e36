// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/** Handle of a watch; closing it ends the watch. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /** Idempotent, does not wait for the registry, safe from any thread, also from the listener's own. */
    @Override
    void close();
}
