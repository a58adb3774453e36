// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.util.concurrent.Executor;

/** Runs tasks elsewhere, and here when there is no thread for one: what waits for it would wait for ever. Safe for any thread. */
final class OnAnotherThread implements Executor {
    private final Executor others;

    OnAnotherThread(Executor others) {
        this.others = others;
    }

    @Override
    public void execute(Runnable task) {
        try {
            others.execute(task);
        } catch (Throwable refused) {
            task.run();
        }
    }
}
