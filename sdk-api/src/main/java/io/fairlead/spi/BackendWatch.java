// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

/** What a backend runs to follow one service; it publishes to the {@link SnapshotFeed} it was made with. */
public interface BackendWatch {
    /** Begins; called once, under a lock, so it only hands work to other threads. */
    void start();

    /** Ends without waiting; nothing is published once the feed is closed. */
    void close();
}
