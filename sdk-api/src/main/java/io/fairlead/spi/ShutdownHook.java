// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.spi.kit.SystemThreads;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Something to do when the JVM shuts down, unless it is done before. Safe for any thread. */
final class ShutdownHook {
    private final String name;
    private final Runnable task;
    private final AtomicReference<@Nullable Thread> hook = new AtomicReference<>();

    ShutdownHook(String name, Runnable task) {
        this.name = name;
        this.task = task;
    }

    /** Once however often it is called; does it at once when the JVM is shutting down already. */
    void arm() {
        Thread thread = SystemThreads.thread(task, name);
        if (!hook.compareAndSet(null, thread)) {
            return;
        }
        try {
            Runtime.getRuntime().addShutdownHook(thread);
        } catch (IllegalStateException shuttingDown) {
            task.run();
        }
    }

    void disarm() {
        Thread thread = hook.getAndSet(null);
        if (thread != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(thread);
            } catch (IllegalStateException shuttingDown) {
                // it is running, or has run
            }
        }
    }
}
