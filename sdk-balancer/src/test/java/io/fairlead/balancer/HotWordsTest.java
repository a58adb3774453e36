// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

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

class HotWordsTest {
    private static final int LINES_APART = 128;

    private static final class Words extends HotWords {}

    private record Started(int generation, long atNanos) {}

    @Test
    void anInstancesHotWordsShareNoCacheLineWithAnythingElse() throws Exception {
        long least = Long.MAX_VALUE;
        long most = 0;
        List<Long> cold = new ArrayList<>();
        for (Class<?> type = InstanceState.class; type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || isPadding(type)) {
                    continue;
                }
                long offset = offset(field);
                if (type == HotWords.class) {
                    least = Math.min(least, offset);
                    most = Math.max(most, offset);
                } else {
                    cold.add(offset);
                }
            }
        }
        assertThat(cold).hasSizeGreaterThan(5);
        for (long offset : cold) {
            assertThat(offset < least ? least - offset : offset - most)
                    .as("a cold field at " + offset + ", hot words from " + least + " to " + most)
                    .isGreaterThan(LINES_APART - Long.BYTES * 2);
        }
        assertThat(least).as("distance to the object before").isGreaterThanOrEqualTo(LINES_APART);
        assertThat(most - least).as("the hot words fit one line").isLessThanOrEqualTo(64 - Long.BYTES);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theWaitingTimeIsNeverMoreThanTheOldestsAndAtMostOneRoundLess(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Words words = new Words();
        List<Started> open = new ArrayList<>();
        int answered = 0;
        long now = 1_000;
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(100);
            int dice = random.nextInt(3);
            if (dice == 0 && open.size() < 40) {
                open.add(new Started(words.begin(now), now));
            } else if (dice == 1 && !open.isEmpty()) {
                words.answered(open.remove(random.nextInt(open.size())).generation(), now);
                answered++;
            } else if (answered > 0) {
                words.finish();
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
        Words words = new Words();
        words.begin(0);
        for (int quick = 1; quick <= 1_000; quick++) {
            int generation = words.begin(quick * 1_000L);
            words.answered(generation, quick * 1_000L + 500);
            words.finish();
        }
        assertThat(words.waitedNanos(1_001_000)).isBetween(1_001_000L - 2_000, 1_001_000L);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void inFlightReturnsToZeroAfterAnyInterleaving(long seed) throws Exception {
        Words words = new Words();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Integer>> running = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            SplittableRandom random = new SplittableRandom(seed * 100 + t);
            Callable<Integer> work = () -> startsAndEnds(words, random);
            running.add(threads.submit(work));
        }
        int begun = 0;
        for (Future<Integer> future : running) {
            begun += future.get();
        }
        threads.shutdown();
        assertThat(words.inFlightNow()).as("seed " + seed).isZero();
        assertThat(words.waitedNanos(Long.MAX_VALUE)).as("seed " + seed).isZero();
        assertThat(words.startedSoFar()).as("seed " + seed).isEqualTo(begun);
    }

    private static int startsAndEnds(Words words, SplittableRandom random) {
        int[] generations = new int[8];
        Arrays.fill(generations, -1);
        int begun = 0;
        for (int i = 0; i < 200_000; i++) {
            int slot = random.nextInt(generations.length);
            if (generations[slot] < 0) {
                generations[slot] = words.begin(i);
                begun++;
            } else {
                words.answered(generations[slot], i);
                words.finish();
                generations[slot] = -1;
            }
        }
        for (int generation : generations) {
            if (generation >= 0) {
                words.answered(generation, 0);
                words.finish();
            }
        }
        return begun;
    }

    private static boolean isPadding(Class<?> type) {
        return type.getSimpleName().matches("HotWords(Padding|End)");
    }

    /** By reflection: the compiler warns of the class, and the warning can not be switched off. */
    private static long offset(Field field) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field one = unsafe.getDeclaredField("theUnsafe");
        one.setAccessible(true);
        return (long) unsafe.getMethod("objectFieldOffset", Field.class).invoke(one.get(null), field);
    }
}
