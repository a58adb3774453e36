// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Thousands of random sequences, after each step of which the breaker and a plain model of it must say the same. */
@Tag("slow")
class ModelTest {
    private static final int SEQUENCES = 4_000;
    private static final int STEPS = 250;

    @Test
    void theBreakerDoesWhatThePlainModelDoes() {
        for (long seed = 0; seed < SEQUENCES; seed++) {
            String difference = run(seed, STEPS);
            if (difference != null) {
                throw new AssertionError("seed " + seed + ": " + shrunk(seed, difference));
            }
        }
    }

    @Test
    void theSequencesReachEveryState() {
        List<CircuitState> reached = new ArrayList<>();
        for (long seed = 0; seed < 200; seed++) {
            Run run = new Run(seed);
            for (int step = 0; step < STEPS; step++) {
                run.step();
                if (!reached.contains(run.model.state())) {
                    reached.add(run.model.state());
                }
            }
        }
        assertThat(reached).containsExactlyInAnyOrder(CircuitState.values());
    }

    @Test
    void aBrokenModelIsNoticed() {
        SplittableRandom random = new SplittableRandom(1);
        Run run = new Run(random.nextLong());
        run.model.late++;
        assertThat(run.difference()).contains("late");
    }

    /** The shortest beginning of the sequence that still differs. */
    private static String shrunk(long seed, String difference) {
        for (int steps = 1; steps < STEPS; steps++) {
            String shorter = run(seed, steps);
            if (shorter != null) {
                return steps + " steps: " + shorter;
            }
        }
        return STEPS + " steps: " + difference;
    }

    private static String run(long seed, int steps) {
        Run run = new Run(seed);
        for (int step = 0; step < steps; step++) {
            run.step();
            String difference = run.difference();
            if (difference != null) {
                return difference + " after " + run.log;
            }
        }
        return null;
    }

    /** One sequence. */
    private static final class Run implements CircuitBreakerListener {
        final SplittableRandom random;
        final VirtualTime time;
        final CircuitBreakerConfig config;
        final CircuitBreaker breaker;
        final SequentialModel model;
        final List<Object> real = new ArrayList<>();
        final List<SequentialModel.Permit> modelled = new ArrayList<>();
        final List<String> log = new ArrayList<>();
        int transitions;

        Run(long seed) {
            random = new SplittableRandom(seed);
            time = new VirtualTime(random.nextLong() >> 2);
            config = config();
            breaker = CircuitBreaker.builder("b")
                    .config(config)
                    .listener(this)
                    .ticker(time)
                    .build();
            model = new SequentialModel(config, time.nanos());
        }

        private CircuitBreakerConfig config() {
            CircuitBreakerConfig.Window window = random.nextBoolean()
                    ? CircuitBreakerConfig.Window.time(between(1, 6), Duration.ofMillis(between(10, 2_000)))
                    : CircuitBreakerConfig.Window.count(between(1, 12));
            Duration slowAfter = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(500);
            int probes = between(1, 5);
            // One permit at a time, so that there is one probe only whose permit can be issued again.
            CircuitBreakerConfig.HalfOpen halfOpen =
                    CircuitBreakerConfig.HalfOpen.of(probes, 1, random.nextBoolean(), Duration.ofSeconds(3));
            if (random.nextInt(3) == 0) {
                halfOpen = halfOpen.atMost(
                        Duration.ofSeconds(10), random.nextBoolean() ? CircuitState.OPEN : CircuitState.CLOSED);
            } else if (random.nextBoolean()) {
                halfOpen = CircuitBreakerConfig.HalfOpen.of(probes, probes, halfOpen.early(), Duration.ofDays(300));
            }
            return new CircuitBreakerConfig(
                    window,
                    new CircuitBreakerConfig.Trip(
                            between(1, 10),
                            between(1, 100),
                            between(1, 100),
                            slowAfter,
                            random.nextInt(3) == 0 ? between(1, 6) : 0,
                            random.nextInt(3) == 0 ? between(1, 4) : 0,
                            false),
                    new CircuitBreakerConfig.Open(
                            Duration.ofMillis(between(1, 2_000)), Duration.ofSeconds(8), between(1, 3), 0),
                    halfOpen);
        }

        private int between(int min, int max) {
            return random.nextInt(min, max + 1);
        }

        void step() {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5 -> acquire();
                case 6, 7, 8, 9, 10, 11, 12, 13 -> release();
                case 14, 15 -> move(between(0, 1_500));
                case 16 -> move(random.nextInt(4) == 0 ? -between(0, 3_000) : between(0, 12_000));
                case 17 -> retryAfter(between(0, 20_000));
                case 18 -> readMuch();
                default -> command();
            }
        }

        private void acquire() {
            log.add("acquire");
            Object permit = breaker.tryAcquire(time.nanos());
            SequentialModel.Permit expected = model.tryAcquire(time.nanos());
            if ((permit == null) != (expected == null)) {
                log.add("permit " + permit + " where the model says " + expected);
                model.late = Integer.MIN_VALUE;
            } else if (permit != null) {
                real.add(permit);
                modelled.add(expected);
            }
        }

        private void release() {
            if (real.isEmpty()) {
                return;
            }
            int which = random.nextInt(real.size());
            Outcome outcome = Outcome.values()[random.nextInt(Outcome.values().length)];
            long took = random.nextBoolean() ? 500_000_000L : 500_000_001L;
            boolean keep = random.nextInt(8) == 0;
            // A probe's permit may be given back twice; a closed breaker's is the stay itself and can not tell.
            boolean twice = keep && modelled.get(which).probe;
            log.add("release " + which + " " + outcome + (took > 500_000_000L ? " slow" : "") + (twice ? " kept" : ""));
            breaker.release(real.get(which), outcome, took, time.nanos());
            model.release(modelled.get(which), outcome, took, time.nanos());
            if (!twice) {
                real.remove(which);
                modelled.remove(which);
            }
        }

        private void move(int millis) {
            log.add((millis < 0 ? "" : "+") + millis + " ms");
            time.jump(millis * 1_000_000L);
        }

        private void retryAfter(int millis) {
            log.add("retry after " + millis + " ms");
            breaker.retryAfter(Duration.ofMillis(millis));
            model.retryAfter(millis * 1_000_000L, time.nanos());
        }

        private void readMuch() {
            for (int i = 0; i < 5; i++) {
                breaker.metrics(time.nanos() + i * 3_000_000_000L);
                breaker.isAvailable(time.nanos() + i * 3_000_000_000L);
            }
        }

        private void command() {
            if (random.nextInt(3) != 0) {
                return;
            }
            CircuitState wanted = CircuitState.values()[random.nextInt(CircuitState.values().length)];
            if (wanted == CircuitState.HALF_OPEN && model.state() != CircuitState.OPEN) {
                log.add("reset");
                breaker.reset();
                model.reset(time.nanos());
                return;
            }
            log.add("force " + wanted);
            breaker.force(wanted);
            model.causesAreKept = false;
            model.force(wanted, time.nanos());
            model.causesAreKept = true;
        }

        String difference() {
            CircuitBreakerMetrics metrics = breaker.metrics(time.nanos());
            List<Object> actual = List.of(
                    breaker.state(),
                    "late " + metrics.lifetime().late(),
                    "rejected " + metrics.notPermitted(),
                    "transitions " + transitions,
                    List.of(metrics.calls(), metrics.failed(), metrics.slow()));
            List<Object> expected = List.of(
                    model.state(),
                    "late " + model.late,
                    "rejected " + model.rejected,
                    "transitions " + model.transitions,
                    model.counts(time.nanos()));
            return actual.equals(expected) ? null : actual + " (expected: " + expected + ")";
        }

        @Override
        public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
            transitions++;
        }
    }
}
