// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/**
 * Hears what a watch sees. Calls to one listener come one at a time, in order, on a thread of the registry's, never under
 * a lock; no call begins after {@link Subscription#close} has returned on another thread, except one already running. A
 * listener may call back into the registry; it should not block for long, since that delays its own later calls (nobody
 * else's). What it throws is caught, reported to the {@link EventListener} and otherwise ignored.
 */
@FunctionalInterface
public interface SnapshotListener {

    /**
     * The list as the registry now has it. The first snapshot after {@link #onInterrupted} is always delivered, changed
     * or not, and says that the watch works again; since changes may have been missed, a consumer should suspect the
     * instances it lacks before it drops them.
     */
    void onSnapshot(ServiceSnapshot snapshot);

    /**
     * The watch lost its thread: an error, silence, no leader, or an index or revision that went backwards. The last
     * snapshot is all there is until the next. Called once per interruption, again when the cause changes.
     */
    default void onInterrupted(RegistryException cause) {}

    /** The registry confirmed that nothing has changed since the last snapshot. */
    default void onConfirmed() {}
}
