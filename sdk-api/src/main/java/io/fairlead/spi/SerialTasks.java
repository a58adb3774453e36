// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.spi.kit.LimitedTasks;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Runs tasks one at a time, in order, on borrowed threads of an executor. Safe for any thread. Neither a task that throws
 * nor an executor that refuses stops the next; see {@link LimitedTasks}.
 */
public final class SerialTasks implements Executor {
    private final LimitedTasks one;

    /**
     * On the environment's executor; its scheduler asks again after a refusal.
     *
     * @param onFailure hears what tasks throw, and refusals; what it throws itself is dropped
     */
    public SerialTasks(Environment environment, Consumer<Throwable> onFailure) {
        this.one = new LimitedTasks(environment.executor(), environment.scheduler(), 1, onFailure);
    }

    /**
     * On {@code executor}, without a timer: what it refuses waits for the next {@link #execute}.
     *
     * @param onFailure hears what tasks throw, and refusals; what it throws itself is dropped
     */
    public SerialTasks(Executor executor, Consumer<Throwable> onFailure) {
        this.one = new LimitedTasks(executor, 1, onFailure);
    }

    @Override
    public void execute(Runnable task) {
        one.execute(task);
    }
}
