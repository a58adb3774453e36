// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Shows the scene in a terminal: redrawn in place where there is a screen, else a line a second. */
final class TerminalView implements AutoCloseable {
    private static final String UP = "\u001b[%dA\u001b[J";

    private final Scene scene;
    private final boolean screen;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "terminal");

    private TerminalView(Scene scene, boolean screen) {
        this.scene = scene;
        this.screen = screen;
    }

    static TerminalView start(Scene scene) {
        TerminalView view = new TerminalView(scene, System.console() != null && System.getenv("CI") == null);
        view.thread.setDaemon(true);
        view.thread.start();
        return view;
    }

    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.join();
    }

    private void run() {
        int drawn = 0;
        try {
            while (!closed.await(screen ? 500 : 1_000, TimeUnit.MILLISECONDS)) {
                if (!screen) {
                    System.out.println(scene.line());
                    continue;
                }
                List<String> lines = scene.lines();
                if (drawn > 0) {
                    System.out.printf(UP, drawn);
                }
                lines.forEach(System.out::println);
                drawn = lines.size();
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }
}
