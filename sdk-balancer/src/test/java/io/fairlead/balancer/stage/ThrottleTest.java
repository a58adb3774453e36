// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.CallRejectedException;
import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.Throttle;
import io.fairlead.balancer.Verdict;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of what is asked for the adaptive throttle sends, from the first call on. */
class ThrottleTest {
    private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final VirtualTime time = new VirtualTime();
    private final SplittableRandom random = new SplittableRandom(7);

    @ParameterizedTest
    @CsvSource({"2.0, 0, 2.0, 0.80", "1.1, 0, 1.1, 0.89", "2.0, 500, 2.0, 0.80", "1.1, 500, 1.1, 0.89"})
    void aServiceOfferedTenTimesWhatItTakesIsSentKTimesWhatItTakes(
            double k, int latencyMillis, double sentPerTaken, double rejected) {
        AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults().withK(k), time.nanos());
        int offered = 0;
        int sent = 0;
        int taken = 0;
        long takesFromNanos = time.nanos();
        for (int call = 0; call < 120_000; call++) {
            time.advance(Duration.ofMillis(1));
            boolean counts = call >= 60_000;
            offered += counts ? 1 : 0;
            if (!throttle.admits(random, time.nanos())) {
                continue;
            }
            sent += counts ? 1 : 0;
            // The service takes a hundred calls a second, and what it did not take of the last one.
            boolean takes = time.nanos() - takesFromNanos >= 0;
            if (takes) {
                takesFromNanos = Math.max(takesFromNanos, time.nanos() - BURST_NANOS) + GAP_NANOS;
                taken += counts ? 1 : 0;
            }
            answer(throttle, takes, latencyMillis);
        }
        assertThat((double) sent / taken).isBetween(sentPerTaken * 0.93, sentPerTaken * 1.07);
        assertThat(1 - (double) sent / offered).isBetween(rejected - 0.02, rejected + 0.02);
    }

    @Test
    void theProbabilityIsTheFormulasOnceEveryCallIsAnswered() {
        AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults(), time.nanos());
        for (int call = 0; call < 100; call++) {
            boolean unused = throttle.admits(new Never(), time.nanos());
            throttle.answered(call < 20, time.nanos());
        }
        assertThat(throttle.rejection(time.nanos())).isEqualTo((100 - 2 * 20) / 101.0);
    }

    /** 3GPP's example: K = 1.5 and 60 % taken, then 57 %. */
    @ParameterizedTest
    @CsvSource({"6000, 0.1", "5700, 0.145", "6667, 0"})
    void withAKOfOneAndAHalfTheProbabilityIsThatOf3gppsExample(int taken, double rejected) {
        AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults().withK(1.5), time.nanos());
        for (int call = 0; call < 10_000; call++) {
            boolean unused = throttle.admits(new Never(), time.nanos());
            throttle.answered(call < taken, time.nanos());
        }
        assertThat(throttle.rejection(time.nanos())).isCloseTo(rejected, within(0.0001));
    }

    @ParameterizedTest
    @CsvSource({"10, 50", "100, 50", "100, 1000", "1000, 100"})
    void aThirdOfTheCallsFailingThrottlesNobodyAlsoInTheFirstMinute(int perSecond, int latencyMillis) {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom luck = new SplittableRandom(seed);
            AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults(), time.nanos());
            int calls = Math.min(20_000, 60 * perSecond);
            int sent = 0;
            for (int call = 0; call < calls; call++) {
                time.advance(Duration.ofNanos(1_000_000_000L / perSecond));
                if (throttle.admits(luck, time.nanos())) {
                    sent++;
                    answer(throttle, luck.nextInt(3) != 0, latencyMillis);
                }
            }
            assertThat((double) sent / calls).as("seed " + seed).isGreaterThan(0.98);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 2_000})
    void aWholeCallIsCountedByBothItsEndsThroughThePipeline(int latencyMillis) {
        FakeRegistry registry = new FakeRegistry(time.environment());
        registry.lists("a", "b");
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(3, new RecordingListener()))
                .throttle(Throttle.defaults())
                .attempts(1)
                .build()) {
            fairlead.awaitReady(Duration.ZERO, "orders");
            int[] sent = {0};
            int rejected = 0;
            for (int call = 0; call < 3_000; call++) {
                CompletableFuture<Verdict> answer = fairlead.callAsync(
                                CallSpec.of("orders"), new Shedding(latencyMillis, sent))
                        .toCompletableFuture();
                time.advance(Duration.ofMillis(10));
                rejected +=
                        answer.isCompletedExceptionally() && thrown(answer) instanceof CallRejectedException ? 1 : 0;
            }
            assertThat(sent[0] + rejected).isEqualTo(3_000);
            // Nothing is known for a latency; then nearly everything is rejected here.
            assertThat(sent[0]).isBetween(latencyMillis / 10, latencyMillis / 10 + 100);
        }
    }

    @Test
    void aCallWhoseTimeIsOverDuringItsSecondAttemptCountsAsNotTaken() {
        FakeRegistry registry = new FakeRegistry(time.environment());
        registry.lists("a", "b");
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(3, new RecordingListener()))
                .throttle(Throttle.defaults())
                .attempts(2)
                .build()) {
            fairlead.awaitReady(Duration.ZERO, "orders");
            int[] sent = {0};
            int rejected = 0;
            for (int call = 0; call < 60; call++) {
                CompletableFuture<Verdict> answer = fairlead.callAsync(
                                CallSpec.of("orders").within(Duration.ofMillis(150)), new Shedding(100, sent))
                        .toCompletableFuture();
                time.advance(Duration.ofMillis(200));
                rejected += answer.isCompletedExceptionally()
                                && thrown(answer) instanceof CallRejectedException rejection
                                && rejection.stage() == CallRejectedException.Stage.THROTTLE
                        ? 1
                        : 0;
            }
            assertThat(rejected).isGreaterThan(30);
        }
    }

    @Test
    void aServiceThatTakesHalfIsNotThrottled() {
        AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults(), time.nanos());
        for (int call = 0; call < 1_000; call++) {
            assertThat(throttle.admits(random, time.nanos())).isTrue();
            throttle.answered(true, time.nanos());
            assertThat(throttle.admits(random, time.nanos())).isTrue();
            throttle.answered(false, time.nanos());
        }
    }

    @Test
    void hangingCallsAreJudgedBeforeTheyEndAndForgottenAfterTheWindow() {
        AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults(), time.nanos());
        long startNanos = time.nanos();
        for (int call = 0; call < 99; call++) {
            assertThat(throttle.admits(random, time.nanos())).isTrue();
        }
        assertThat(throttle.rejection(time.nanos())).as("not judged yet").isZero();
        time.advance(Duration.ofSeconds(6));
        assertThat(throttle.rejection(time.nanos())).isEqualTo(0.99);
        throttle.withdraw(startNanos);
        assertThat(throttle.rejection(time.nanos())).isLessThan(0.99);
        time.advance(Duration.ofSeconds(24));
        assertThat(throttle.rejection(time.nanos())).isZero();
    }

    @Test
    void anAnswerAfterTheWindowIsForgottenLikeItsCall() {
        AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults(), time.nanos());
        long startNanos = time.nanos();
        assertThat(throttle.admits(random, startNanos)).isTrue();
        time.advance(Duration.ofSeconds(30));
        for (int call = 0; call < 20; call++) {
            assertThat(throttle.admits(new Never(), time.nanos())).isTrue();
            throttle.answered(true, startNanos);
            throttle.answered(false, time.nanos());
        }
        assertThat(throttle.rejection(time.nanos())).isEqualTo(20 / 21.0);
    }

    private void answer(AdaptiveThrottle throttle, boolean taken, int latencyMillis) {
        long startNanos = time.nanos();
        var unused = time.schedule(() -> throttle.answered(taken, startNanos), latencyMillis, TimeUnit.MILLISECONDS);
    }

    private static Throwable thrown(CompletableFuture<?> failed) {
        return failed.handle((answer, failure) -> failure).join();
    }

    /** Answers 503 after a while. */
    private final class Shedding implements AsyncTransport<Verdict> {
        private final int latencyMillis;
        private final int[] sent;

        Shedding(int latencyMillis, int[] sent) {
            this.latencyMillis = latencyMillis;
            this.sent = sent;
        }

        @Override
        public CompletableFuture<Verdict> send(Attempt attempt) {
            sent[0]++;
            CompletableFuture<Verdict> answer = new CompletableFuture<>();
            var unused = time.schedule(
                    () -> answer.complete(Verdict.ofStatus(503, null)), latencyMillis, TimeUnit.MILLISECONDS);
            return answer;
        }

        @Override
        public Verdict judge(Verdict response) {
            return response;
        }
    }

    /** Draws what no probability below one rejects. */
    private static final class Never implements RandomGenerator {
        @Override
        public double nextDouble() {
            return Math.nextDown(1.0);
        }

        @Override
        public long nextLong() {
            return 0;
        }
    }
}
