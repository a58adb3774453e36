// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.EventListener;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import io.fairlead.spi.kit.LimitedTasks;
import io.fairlead.spi.kit.RepeatedTask;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Queues and loops whose executor refuses, whose scheduler fails, and whose tasks throw anything. */
public class RefusedTasksTest {
    private final VirtualTime time = new VirtualTime();
    private final List<Throwable> told = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private int refusals;
    private Throwable refusal = new RejectedExecutionException("full");

    public static Stream<Throwable> everyKindOfThrowable() {
        return Stream.of(
                new IllegalStateException("runtime"),
                new Exception("checked"),
                new AssertionError("error"),
                new NoClassDefFoundError("linkage"),
                new StackOverflowError("deep"),
                new OutOfMemoryError("unable to create native thread"),
                new InternalError("virtual machine"),
                new ThreadDeath(),
                new RejectedExecutionException("full"),
                new Throwable("bare"));
    }

    @ParameterizedTest
    @MethodSource("everyKindOfThrowable")
    void aRefusedTaskIsRunLaterByTheTimer(Throwable kind) {
        SerialTasks tasks = new SerialTasks(refusing(), told::add);
        refusal = kind;
        refusals = 3;
        tasks.execute(() -> done.add("a"));
        tasks.execute(() -> done.add("b"));
        assertThat(done).isEmpty();
        time.advance(ofSeconds(1));
        assertThat(done).containsExactly("a", "b");
        assertThat(told).containsExactly(kind);
        assertThat(time.pendingTasks()).as("nothing asks any more").isZero();
    }

    @Test
    void aRefusedTaskIsRunByTheNextExecute() {
        SerialTasks tasks = new SerialTasks(refusing().executor(), told::add);
        refusals = 1;
        tasks.execute(() -> done.add("a"));
        tasks.execute(() -> done.add("b"));
        assertThat(done).containsExactly("a", "b");
    }

    @ParameterizedTest
    @MethodSource("everyKindOfThrowable")
    void aTaskEndsOnlyItselfAndSoDoesWhoHearsOfIt(Throwable kind) {
        SerialTasks tasks = new SerialTasks(refusing(), failure -> {
            told.add(failure);
            sneakyThrow(kind);
        });
        tasks.execute(() -> {
            tasks.execute(() -> done.add("after"));
            sneakyThrow(kind);
        });
        assertThat(told).containsExactly(kind);
        assertThat(done).containsExactly("after");
    }

    @Test
    void anExecutorThatThrowsAndRunsItAllTheSameTakesNoSecondSlot() {
        List<Runnable> kept = new ArrayList<>();
        LimitedTasks tasks = new LimitedTasks(
                task -> {
                    kept.add(task);
                    throw new RejectedExecutionException("but kept");
                },
                1,
                told::add);
        AtomicInteger atOnce = new AtomicInteger();
        Runnable task = () -> {
            assertThat(atOnce.incrementAndGet()).isEqualTo(1);
            done.add("run");
            List.copyOf(kept).forEach(Runnable::run);
            atOnce.decrementAndGet();
        };
        tasks.execute(task);
        tasks.execute(task);
        kept.forEach(Runnable::run);
        tasks.execute(task);
        assertThat(done).as("a refused slot stays refused").isEmpty();
    }

    @Test
    void noTaskIsLostOrRunTwiceWhileAnExecutorRefusesAtRandom() throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Environment system = Environment.system();
        AtomicInteger asked = new AtomicInteger();
        Environment shaky = new Environment(
                system.ticker(),
                system.scheduler(),
                task -> {
                    if (asked.incrementAndGet() % 3 == 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    system.executor().execute(task);
                },
                system.random(),
                EventListener.NONE);
        SerialTasks tasks = new SerialTasks(shaky, failure -> {});
        AtomicInteger ran = new AtomicInteger();
        AtomicBoolean busy = new AtomicBoolean();
        for (int i = 0; i < 4; i++) {
            threads.execute(() -> {
                for (int j = 0; j < 5_000; j++) {
                    tasks.execute(() -> {
                        assertThat(busy.getAndSet(true)).isFalse();
                        ran.incrementAndGet();
                        busy.set(false);
                    });
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        Awaitility.await().until(() -> ran.get() == 20_000);
    }

    @ParameterizedTest
    @MethodSource("everyKindOfThrowable")
    void aLoopGoesOnWhateverItsStepThrows(Throwable kind) {
        RepeatedTask loop = RepeatedTask.start(
                time,
                refusing().executor(),
                1_000_000,
                () -> {
                    done.add("step");
                    sneakyThrow(kind);
                    return 0;
                },
                failure -> {
                    told.add(failure);
                    sneakyThrow(failure);
                });
        time.advance(ofMillis(9_500));
        assertThat(done).hasSize(10);
        assertThat(told).hasSize(10);
        loop.close();
        assertThat(time.pendingTasks()).isZero();
        time.advance(ofSeconds(5));
        assertThat(done).hasSize(10);
    }

    @ParameterizedTest
    @MethodSource("everyKindOfThrowable")
    void aLoopGoesOnWhenItsExecutorRefuses(Throwable kind) {
        refusal = kind;
        refusals = 4;
        RepeatedTask loop = RepeatedTask.start(time, refusing().executor(), 0, this::step, told::add);
        time.advance(ofMillis(3_999));
        assertThat(done).isEmpty();
        time.advance(ofMillis(1));
        assertThat(done).hasSize(1);
        time.advance(ofMillis(50));
        assertThat(done).hasSize(6);
        assertThat(told).hasSize(4);
        loop.close();
    }

    @ParameterizedTest
    @MethodSource("everyKindOfThrowable")
    void aTurnThatAnExecutorForgotIsHandedOverAgain(Throwable kind) {
        AtomicInteger asked = new AtomicInteger();
        RepeatedTask loop = RepeatedTask.start(
                time,
                turn -> {
                    int times = asked.incrementAndGet();
                    if (times == 2) {
                        sneakyThrow(kind);
                    }
                    if (times > 2) {
                        turn.run();
                    }
                },
                0,
                this::step,
                told::add);
        time.advance(ofMillis(14_999));
        assertThat(asked).hasValue(2);
        assertThat(done).isEmpty();
        time.advance(ofMillis(1));
        assertThat(done).hasSize(1);
        time.advance(ofMillis(50));
        assertThat(done).hasSize(6);
        loop.close();
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void aLoopGoesOnWhenItsSchedulerFailsAndNeverTwiceAtOnce() {
        AtomicInteger failures = new AtomicInteger(3);
        ScheduledExecutorService queuesAndThrows = SchedulerThatFails.of(time, failures);
        RepeatedTask loop = RepeatedTask.start(queuesAndThrows, Runnable::run, 0, this::step, told::add);
        time.advance(ofMillis(100));
        assertThat(told).hasSize(3);
        assertThat(done).as("one chain, not four").hasSize(11);
        loop.close();
    }

    @Test
    void aLoopThatCanNotBeginSaysSo() {
        ScheduledExecutorService failing = SchedulerThatFails.of(time, new AtomicInteger(1));
        assertThatThrownBy(() -> RepeatedTask.start(failing, Runnable::run, 1, this::step, told::add))
                .isInstanceOf(OutOfMemoryError.class);
        time.advance(ofSeconds(5));
        assertThat(done).as("though the scheduler kept it").isEmpty();
    }

    @Test
    void aNegativePauseEndsALoop() {
        RepeatedTask.start(
                time,
                Runnable::run,
                0,
                () -> {
                    done.add("step");
                    return done.size() == 3 ? -1 : 1;
                },
                told::add);
        time.advance(ofSeconds(5));
        assertThat(done).hasSize(3);
    }

    private long step() {
        done.add("step");
        return ofMillis(10).toNanos();
    }

    private Environment refusing() {
        Environment plain = time.environment();
        return new Environment(
                time,
                time,
                task -> {
                    if (refusals > 0) {
                        refusals--;
                        sneakyThrow(refusal);
                    }
                    task.run();
                },
                plain.random(),
                EventListener.NONE);
    }

    @SuppressWarnings("unchecked")
    public static <T extends Throwable> void sneakyThrow(Throwable failure) throws T {
        throw (T) failure;
    }

    /** As the JDK's scheduler when it can not make its thread: it throws, and has the task in its queue. */
    private static final class SchedulerThatFails {
        static ScheduledExecutorService of(VirtualTime time, AtomicInteger failures) {
            return (ScheduledExecutorService) Proxy.newProxyInstance(
                    SchedulerThatFails.class.getClassLoader(),
                    new Class<?>[] {ScheduledExecutorService.class},
                    (proxy, method, arguments) -> {
                        Object answer = method.invoke(time, arguments);
                        if (answer instanceof ScheduledFuture && failures.getAndDecrement() > 0) {
                            throw new OutOfMemoryError("unable to create native thread");
                        }
                        return answer;
                    });
        }
    }
}
