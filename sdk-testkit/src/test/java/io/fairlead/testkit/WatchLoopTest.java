// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.spi.Environment;
import io.fairlead.spi.WatchLoop;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A watch's rounds go on whatever they throw, and whatever its executor and its timer do. */
class WatchLoopTest {
    private static final String KINDS = "io.fairlead.testkit.RefusedTasksTest#everyKindOfThrowable";

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final List<String> done = new ArrayList<>();
    private final Steps steps = new Steps();
    private int refusedTasks;
    private int refusedTimers;
    private Throwable refusal = new RejectedExecutionException("full");
    private final WatchLoop loop = new WatchLoop("watch", shaky(), ofSeconds(5).toNanos(), steps);

    private final class Steps implements WatchLoop.Rounds {
        Throwable thrownByRound;
        Throwable thrownByFailed;
        boolean plans = true;

        @Override
        public void round() {
            done.add("round");
            if (thrownByRound != null) {
                RefusedTasksTest.sneakyThrow(thrownByRound);
            }
            if (plans) {
                loop.next(ofSeconds(10).toNanos());
            }
        }

        @Override
        public long failed(Throwable failure) {
            done.add("failed");
            if (thrownByFailed != null) {
                RefusedTasksTest.sneakyThrow(thrownByFailed);
            }
            return ofSeconds(2).toNanos();
        }

        @Override
        public void ended() {
            done.add("ended");
        }
    }

    @ParameterizedTest
    @MethodSource(KINDS)
    void aRoundThatThrowsIsFollowedByAnother(Throwable kind) {
        steps.thrownByRound = kind;
        loop.start();
        time.advance(ofSeconds(4));
        assertThat(done).containsExactly("round", "failed", "round", "failed", "round", "failed");
        steps.thrownByRound = null;
        time.advance(ofSeconds(12));
        assertThat(done).hasSize(8).endsWith("round", "round");
    }

    @ParameterizedTest
    @MethodSource(KINDS)
    void whatFailsWhileAFailureIsHandledIsToldAndFollowedByARound(Throwable kind) {
        steps.thrownByRound = new IllegalStateException("first");
        steps.thrownByFailed = kind;
        loop.start();
        time.advance(ofMillis(1_500));
        assertThat(done).containsExactly("round", "failed", "round", "failed");
        assertThat(events.events("callback")).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource(KINDS)
    void newsThatThrowEndsNothing(Throwable kind) {
        loop.start();
        loop.run(() -> RefusedTasksTest.sneakyThrow(kind));
        loop.run(() -> done.add("news"));
        time.advance(ofSeconds(3));
        assertThat(done).containsExactly("round", "failed", "news", "round");
    }

    @ParameterizedTest
    @MethodSource(KINDS)
    void anExecutorThatRefusesCostsTimeOnly(Throwable kind) {
        refusal = kind;
        refusedTasks = 3;
        loop.start();
        assertThat(done).isEmpty();
        time.advance(ofSeconds(1));
        assertThat(done).containsExactly("round");
        refusedTasks = 7;
        time.advance(ofSeconds(12));
        assertThat(done).containsExactly("round", "round");
    }

    @ParameterizedTest
    @MethodSource(KINDS)
    void aTimerThatRefusesCostsABeat(Throwable kind) {
        loop.start();
        refusal = kind;
        refusedTimers = 3;
        time.advance(ofSeconds(16));
        assertThat(done).startsWith("round", "round").hasSizeGreaterThan(2);
        int before = done.size();
        time.advance(ofSeconds(30));
        assertThat(done).hasSizeGreaterThanOrEqualTo(before + 3);
    }

    @Test
    void aRoundThatPlansNoneIsFollowedByOneAtTheNextBeat() {
        steps.plans = false;
        loop.start();
        time.advance(ofSeconds(11));
        assertThat(done).containsExactly("round", "round", "round");
    }

    @Test
    void anEarlierRoundReplacesALaterOneAndNeverTheOtherWay() {
        loop.start();
        loop.run(() -> loop.nextWithin(ofSeconds(1).toNanos()));
        loop.run(() -> loop.nextWithin(ofSeconds(3).toNanos()));
        time.advance(ofSeconds(1));
        assertThat(done).containsExactly("round", "round");
        time.advance(ofSeconds(9));
        assertThat(done).hasSize(2);
    }

    @Test
    void nothingIsLeftOfAClosedOne() {
        loop.start();
        loop.close();
        loop.close();
        List<String> instead = new ArrayList<>();
        loop.run(() -> done.add("news"), () -> instead.add("given back"));
        time.advance(ofSeconds(60));
        assertThat(done).containsExactly("round", "ended");
        assertThat(instead).containsExactly("given back");
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void oneThatCanNotBeginSaysSo() {
        refusedTimers = 1;
        assertThatThrownBy(loop::start).isSameAs(refusal);
        time.advance(ofSeconds(60));
        assertThat(done).isEmpty();
    }

    private Environment shaky() {
        Environment plain = time.environment();
        ScheduledExecutorService timer = (ScheduledExecutorService) Proxy.newProxyInstance(
                WatchLoopTest.class.getClassLoader(),
                new Class<?>[] {ScheduledExecutorService.class},
                (proxy, method, arguments) -> {
                    if (ScheduledFuture.class.isAssignableFrom(method.getReturnType()) && refusedTimers-- > 0) {
                        RefusedTasksTest.sneakyThrow(refusal);
                    }
                    return method.invoke(time, arguments);
                });
        return new Environment(
                time,
                timer,
                task -> {
                    if (refusedTasks-- > 0) {
                        RefusedTasksTest.sneakyThrow(refusal);
                    }
                    task.run();
                },
                plain.random(),
                events);
    }
}
