// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.spi.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Threads take nothing from whoever is the first to need one. */
class SystemThreadsTest {
    private static final InheritableThreadLocal<String> TENANT = new InheritableThreadLocal<>();

    private final BlockingQueue<String> inherited = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);

    /** What a web application does with the SDK; its copy is loaded by a loader of its own. */
    public static final class WebApplication implements Runnable {
        private final Environment environment;
        private final Runnable task;

        /** By reflection. */
        public WebApplication(Environment environment, Runnable task) {
            this.environment = environment;
            this.task = task;
        }

        @Override
        public void run() {
            environment.executor().execute(task);
            environment.scheduler().execute(task);
        }
    }

    @Test
    void aThreadThatLivesOnHoldsNothingOfTheApplicationThatNeededItFirst() throws Exception {
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        Thread request = new Thread(new ThreadGroup("web application"), () -> loaders.add(runApplication()));
        request.start();
        request.join();
        assertThat(inherited.poll(5, TimeUnit.SECONDS)).isEqualTo(nothing());
        assertThat(inherited.poll(5, TimeUnit.SECONDS)).isEqualTo(nothing());
        for (int tries = 0; tries < 100 && loaders.get(0).get() != null; tries++) {
            System.gc();
            var unused = over.await(10, TimeUnit.MILLISECONDS);
        }
        assertThat(loaders.get(0).get()).as("held while both threads live").isNull();
        over.countDown();
    }

    @Test
    void theHookOfTheShutdownTakesNothingEither() throws Exception {
        Thread request = new Thread(new ThreadGroup("web application"), () -> {
            TENANT.set("tenant A");
            Thread.currentThread().setContextClassLoader(new ClassLoader("webapp", null) {});
            Thread.currentThread().setPriority(Thread.MAX_PRIORITY);
            Thread hook = SystemThreads.thread(this::look, "hook");
            hook.start();
        });
        over.countDown();
        request.start();
        assertThat(inherited.poll(5, TimeUnit.SECONDS)).isEqualTo(nothing());
    }

    @Test
    void whatIsMadeForOthersIsMadeOnAThreadOfOurs() throws Exception {
        TENANT.set("tenant A");
        over.countDown();
        try {
            Supplier<Thread> client = () -> new Thread(this::look, "selector of a client");
            SystemThreads.onOwn(client).start();
            assertThat(inherited.poll(5, TimeUnit.SECONDS)).isEqualTo(nothing());
            assertThatThrownBy(() -> SystemThreads.onOwn(() -> {
                        throw new IllegalArgumentException("no such file");
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no such file");
        } finally {
            TENANT.remove();
        }
    }

    private WeakReference<ClassLoader> runApplication() {
        TENANT.set("tenant A");
        ClassLoader loader = new ApplicationLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            Class<?> type = loader.loadClass(WebApplication.class.getName());
            assertThat(type).isNotSameAs(WebApplication.class);
            Object application = type.getConstructor(Environment.class, Runnable.class)
                    .newInstance(Environment.system(), (Runnable) this::look);
            ((Runnable) application).run();
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        } finally {
            // The thread that is over is still there.
            Thread.currentThread().setContextClassLoader(null);
        }
        return new WeakReference<>(loader);
    }

    private void look() {
        Thread thread = Thread.currentThread();
        inherited.add(TENANT.get() + " " + thread.getContextClassLoader() + " " + thread.getPriority() + " "
                + thread.getThreadGroup().getParent());
        try {
            var unused = over.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException early) {
            thread.interrupt();
        }
    }

    private static String nothing() {
        return "null " + SystemThreads.class.getClassLoader() + " " + Thread.NORM_PRIORITY + " null";
    }

    /** Defines the application's class itself. */
    private static final class ApplicationLoader extends ClassLoader {
        ApplicationLoader() {
            super("web application", SystemThreadsTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(WebApplication.class.getName())) {
                return super.loadClass(name, resolve);
            }
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException unreadable) {
                throw new ClassNotFoundException(name, unreadable);
            }
        }
    }
}
