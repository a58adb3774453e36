// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Runs tasks one at a time, in order, on borrowed threads of an executor. Safe for any thread. */
public final class SerialTasks implements Executor {
    private final LimitedTasks one;

    /** On {@code executor}; {@code onFailure} hears what tasks throw, which does not stop the next. */
    public SerialTasks(Executor executor, Consumer<Throwable> onFailure) {
        this.one = new LimitedTasks(executor, 1, onFailure);
    }

    @Override
    public void execute(Runnable task) {
        one.execute(task);
    }
}
