// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.testkit.VirtualTime;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceWordsTest {
    private static final int LINES_APART = 128;
    /** From the header to the last word that an attempt which succeeds touches. */
    private static final int HOT_BYTES = 104;

    private record Started(int generation, long atNanos) {}

    @Test
    void whatPicksReadAndAttemptsWriteLiesTogetherAndShareNoCacheLineWithTheRest() throws Exception {
        long hot = 0;
        List<Long> cold = new ArrayList<>();
        for (Class<?> type = InstanceState.class; type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                // Flags hardly change, and the virtual machine fills gaps with them.
                boolean isFlag = field.getType() == boolean.class;
                if (Modifier.isStatic(field.getModifiers()) || isFlag || type == InstanceWords.End.class) {
                    continue;
                }
                long offset = offset(field);
                if (type == InstanceWords.class) {
                    hot = Math.max(hot, offset);
                } else {
                    cold.add(offset);
                }
            }
        }
        assertThat(cold).hasSizeGreaterThan(5);
        long end = hot;
        assertThat(cold).allSatisfy(offset -> assertThat(offset - end).isGreaterThan(LINES_APART - Long.BYTES * 2));
        assertThat(hot).as("the last hot word").isLessThanOrEqualTo(HOT_BYTES);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theWaitingTimeIsNeverMoreThanTheOldestsAndAtMostOneRoundLess(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        InstanceState words = words();
        List<Started> open = new ArrayList<>();
        int answered = 0;
        long now = 1_000;
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(100);
            int dice = random.nextInt(3);
            if (dice == 0 && open.size() < 40) {
                open.add(new Started(words.countBegin(now), now));
            } else if (dice == 1 && !open.isEmpty()) {
                answer(words, open.remove(random.nextInt(open.size())).generation(), random, now);
                answered++;
            } else if (answered > 0) {
                words.countEnd();
                answered--;
            }
            long clock = now;
            long oldest = open.stream()
                    .mapToLong(started -> clock - started.atNanos())
                    .max()
                    .orElse(0);
            assertThat(words.waitedNanos(now))
                    .as("seed " + seed + ", step " + step)
                    .isBetween(0L, oldest);
            assertThat(words.inFlightNow())
                    .as("seed " + seed + ", step " + step)
                    .isEqualTo(open.size() + answered);
        }
    }

    @Test
    void oneThatHangsAmongManyQuickOnesIsNoticed() {
        InstanceState words = words();
        words.countBegin(0);
        for (int quick = 1; quick <= 1_000; quick++) {
            int generation = words.countBegin(quick * 1_000L);
            words.countSuccess(generation, quick * 1_000L + 500);
            words.countEnd();
        }
        assertThat(words.waitedNanos(1_001_000)).isBetween(1_001_000L - 2_000, 1_001_000L);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void countsAreExactAfterAnyInterleaving(long seed) throws Exception {
        InstanceState words = words();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<int[]>> running = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            SplittableRandom random = new SplittableRandom(seed * 100 + t);
            Callable<int[]> work = () -> startsAndEnds(words, random);
            running.add(threads.submit(work));
        }
        long before = 0;
        while (!running.stream().allMatch(Future::isDone)) {
            long succeeded = words.successes();
            assertThat(succeeded).as("seed " + seed).isGreaterThanOrEqualTo(before);
            before = succeeded;
        }
        int[] sums = new int[3];
        for (Future<int[]> future : running) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += future.get()[i];
            }
        }
        threads.shutdown();
        assertThat(words.inFlightNow()).as("seed " + seed).isZero();
        assertThat(words.waitedNanos(Long.MAX_VALUE)).as("seed " + seed).isZero();
        assertThat(words.successes()).as("seed " + seed).isEqualTo(sums[0]);
        assertThat(words.counts().failed()).as("seed " + seed).isEqualTo(sums[1]);
        assertThat(words.view(0).started()).as("seed " + seed).isEqualTo(sums[0] + sums[1] + sums[2]);
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void oneThatEndsBeforeItWasAnsweredLeavesEveryCountRight(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        InstanceState words = words();
        List<Integer> waiting = new ArrayList<>();
        int toEnd = 0;
        int open = 0;
        for (int step = 0; step < 50_000; step++) {
            if (random.nextInt(3) == 0 && waiting.size() < 20) {
                waiting.add(words.countBegin(step));
                toEnd++;
                open++;
            } else if (random.nextBoolean() && toEnd > 0) {
                words.countEnd();
                toEnd--;
                open--;
            } else if (!waiting.isEmpty()) {
                answer(words, waiting.remove(random.nextInt(waiting.size())), random, step);
            }
            assertThat(words.inFlightNow())
                    .as("seed " + seed + ", step " + step)
                    .isEqualTo(open);
            assertThat(words.waitedNanos(Long.MAX_VALUE) == 0)
                    .as("seed " + seed + ", step " + step)
                    .isEqualTo(waiting.isEmpty());
        }
    }

    private static InstanceState words() {
        VirtualTime time = new VirtualTime();
        return PeerRuleTest.state(FakeRegistry.instance("a"), new EjectionQuota(), time.environment());
    }

    /** Successes, failures and the rest. */
    private static int[] startsAndEnds(InstanceState words, SplittableRandom random) {
        int[] generations = new int[8];
        int[] sums = new int[3];
        Arrays.fill(generations, -1);
        for (int i = 0; i < 200_000; i++) {
            int slot = random.nextInt(generations.length);
            if (generations[slot] < 0) {
                generations[slot] = words.countBegin(i);
            } else {
                sums[answer(words, generations[slot], random, i)]++;
                words.countEnd();
                generations[slot] = -1;
            }
        }
        for (int generation : generations) {
            if (generation >= 0) {
                sums[answer(words, generation, random, 0)]++;
                words.countEnd();
            }
        }
        return sums;
    }

    /** 0 when it succeeded, as most do; 1 when it failed; 2 when nothing was learned. */
    private static int answer(InstanceState words, int generation, SplittableRandom random, long nowNanos) {
        int dice = random.nextInt(10);
        if (dice == 8) {
            words.count(generation, Outcome.FAILURE, nowNanos);
            return 1;
        }
        if (dice == 9) {
            words.count(generation, Outcome.IGNORED, nowNanos);
            return 2;
        }
        words.countSuccess(generation, nowNanos);
        return 0;
    }

    /** By reflection: the compiler warns of the class, and the warning can not be switched off. */
    private static long offset(Field field) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field one = unsafe.getDeclaredField("theUnsafe");
        one.setAccessible(true);
        return (long) unsafe.getMethod("objectFieldOffset", Field.class).invoke(one.get(null), field);
    }
}
