// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What every balancing policy must do, however it chooses. A test that extends it, with nothing in it, holds every policy
 * on its class path to that, third parties' too; whoever passes works with the balancer.
 */
public abstract class BalancingPolicyContract {
    private static final long SECOND = 1_000_000_000;
    private static final int KEYS = 64;
    private static final PickContext[] CONTEXTS = contexts();

    /** For subclasses. */
    protected BalancingPolicyContract() {}

    /** The policies to test; those found by {@link ServiceLoader} unless overridden. */
    protected Stream<BalancingPolicy> policies() {
        return ServiceLoader.load(BalancingPolicy.class).stream().map(ServiceLoader.Provider::get);
    }

    /** The name is one that users can write. */
    @TestFactory
    final Stream<DynamicTest> hasANameOfLowerCaseWords() {
        return each(policy -> assertThat(policy.name()).matches("[a-z]+(_[a-z]+)*"));
    }

    /** Whoever is the only one to accept is found, and nobody when nobody does. */
    @TestFactory
    final Stream<DynamicTest> findsTheOnlyOneThatAcceptsAndNullWhenNoneDoes() {
        return each(policy -> {
            for (int size : new int[] {1, 2, 3, 10, 300}) {
                List<SettableCandidate> candidates = SettableCandidate.equal(size);
                Picker picker = picker(policy, candidates, null);
                candidates.forEach(candidate -> candidate.setAccepting(false));
                for (SettableCandidate chosen : candidates.subList(0, Math.min(size, 10))) {
                    chosen.setAccepting(true);
                    for (PickContext context : CONTEXTS) {
                        assertThat(picker.pick(context, SECOND)).isSameAs(chosen);
                    }
                    chosen.setAccepting(false);
                }
                for (PickContext context : CONTEXTS) {
                    assertThat(picker.pick(context, SECOND)).isNull();
                }
            }
        });
    }

    /** A call's earlier instances are not picked again. */
    @TestFactory
    final Stream<DynamicTest> neverPicksWhatTheCallHasTried() {
        return each(policy -> {
            List<SettableCandidate> candidates = SettableCandidate.equal(4);
            Picker picker = picker(policy, candidates, null);
            for (PickContext first : CONTEXTS) {
                PickContext context = first;
                List<Candidate> tried = new ArrayList<>();
                for (int attempt = 0; attempt < 4; attempt++) {
                    Candidate picked = picker.pick(context, SECOND);
                    assertThat(picked).isNotNull().isNotIn(tried);
                    tried.add(picked);
                    context = context.excluding(picked.instance());
                }
                assertThat(picker.pick(context, SECOND)).isNull();
            }
        });
    }

    /** Any load, any weight, any time. */
    @TestFactory
    final Stream<DynamicTest> picksWhoAcceptsWhateverTheFigures() {
        return each(policy -> {
            for (long seed = 1; seed <= 20; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                List<SettableCandidate> candidates = random(random, 1 + random.nextInt(40));
                Picker picker = picker(policy, candidates, null);
                boolean any = false;
                for (SettableCandidate candidate : candidates) {
                    boolean accepting = random.nextInt(4) > 0;
                    candidate.setAccepting(accepting);
                    any |= accepting;
                }
                for (int pick = 0; pick < 200; pick++) {
                    PickContext context = CONTEXTS[random.nextInt(CONTEXTS.length)];
                    Candidate picked = picker.pick(context, random.nextLong());
                    assertThat(picked != null)
                            .as("seed " + seed + ", picked " + picked)
                            .isEqualTo(any);
                    assertThat(picked == null || picked.accepts(context, 0))
                            .as("seed " + seed)
                            .isTrue();
                }
            }
        });
    }

    /** A picker knows its own list only, whatever came before it. */
    @TestFactory
    final Stream<DynamicTest> aNewListForgetsTheOldWhateverThePickerBefore() {
        return each(policy -> {
            Picker foreign = (context, nowNanos) -> null;
            Picker before = picker(policy, SettableCandidate.weighted(3, 1, 2), foreign);
            for (int size : new int[] {1, 5, 2, 300, 4}) {
                List<SettableCandidate> candidates = SettableCandidate.equal(size);
                Picker picker = picker(policy, candidates, before);
                for (PickContext context : CONTEXTS) {
                    Candidate picked = picker.pick(context, SECOND);
                    assertThat(candidates.stream().anyMatch(candidate -> candidate == picked))
                            .as("picked " + picked + " of " + size)
                            .isTrue();
                }
                before = picker;
            }
        });
    }

    /** Randomness comes from the environment, and from nowhere else. */
    @TestFactory
    final Stream<DynamicTest> theSameRandomnessPicksTheSame() {
        return each(policy -> {
            List<SettableCandidate> candidates = SettableCandidate.weighted(1, 2, 3, 4, 5, 1, 1);
            Picker one = picker(policy, candidates, null);
            Picker other = picker(policy, candidates, null);
            for (int pick = 0; pick < 1_000; pick++) {
                PickContext context = CONTEXTS[pick % CONTEXTS.length];
                assertThat(one.pick(context, pick)).isSameAs(other.pick(context, pick));
            }
        });
    }

    /** Pickers are called by many threads at once. */
    @TestFactory
    final Stream<DynamicTest> threadsMayPickAtOnce() {
        return each(policy -> {
            List<SettableCandidate> candidates = SettableCandidate.weighted(1, 2, 3, 4, 5, 1, 1, 9);
            Picker picker = picker(policy, candidates, null);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<Integer>> done = new ArrayList<>();
                for (int thread = 0; thread < 4; thread++) {
                    Callable<Integer> picks = () -> startAndEnd(picker);
                    done.add(threads.submit(picks));
                }
                for (Future<Integer> future : done) {
                    assertThat(future.get()).isEqualTo(20_000);
                }
            } catch (Exception failure) {
                throw new AssertionError("picking on four threads", failure);
            } finally {
                threads.shutdownNow();
            }
            assertThat(candidates)
                    .allSatisfy(candidate -> assertThat(candidate.inFlight()).isZero());
        });
    }

    /** A pick is on the path of every call: what it allocates, every call pays. */
    @TestFactory
    final Stream<DynamicTest> aPickAllocatesNothing() {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return each(policy -> {
            List<SettableCandidate> candidates = SettableCandidate.weighted(1, 2, 3, 4, 5, 1, 1, 9);
            Picker picker = picker(policy, candidates, null);
            int picks = 20_000;
            pickMany(picker, picks);
            long before = memory.getCurrentThreadAllocatedBytes();
            pickMany(picker, picks);
            long allocated = memory.getCurrentThreadAllocatedBytes() - before;
            // a little is the measurement's own
            assertThat(allocated).as("bytes allocated by " + picks + " picks").isLessThan(picks);
        });
    }

    private static int startAndEnd(Picker picker) {
        int picked = 0;
        for (int pick = 0; pick < 20_000; pick++) {
            SettableCandidate candidate = (SettableCandidate) picker.pick(CONTEXTS[pick % CONTEXTS.length], pick);
            if (candidate != null) {
                candidate.addInFlight(1);
                picked++;
                candidate.addInFlight(-1);
            }
        }
        return picked;
    }

    private static void pickMany(Picker picker, int picks) {
        for (int pick = 0; pick < picks; pick++) {
            if (picker.pick(CONTEXTS[pick % CONTEXTS.length], pick) == null) {
                throw new AssertionError("nobody picked");
            }
        }
    }

    private Stream<DynamicTest> each(Consumer<BalancingPolicy> check) {
        return policies().map(policy -> DynamicTest.dynamicTest(policy.name(), () -> check.accept(policy)));
    }

    private static Picker picker(
            BalancingPolicy policy, List<SettableCandidate> candidates, @Nullable Picker previous) {
        return policy.newPicker(List.copyOf(candidates), previous, new VirtualTime().environment());
    }

    private static List<SettableCandidate> random(SplittableRandom random, int size) {
        int[] weights = random.ints(size, 1, 65_536).toArray();
        List<SettableCandidate> candidates = SettableCandidate.weighted(weights);
        for (SettableCandidate candidate : candidates) {
            candidate
                    .setWeight(candidate.weight() * random.nextDouble(0.01, 1))
                    .setInFlight(random.nextInt(1_000))
                    .setLatencyNanos(random.nextLong(100 * SECOND))
                    .setSuccessRatio(random.nextDouble())
                    .setOldestNanos(random.nextLong(100 * SECOND))
                    .setReportedInFlight(random.nextInt(-1, 500));
        }
        return candidates;
    }

    private static PickContext[] contexts() {
        PickContext[] contexts = new PickContext[KEYS];
        contexts[0] = PickContext.none();
        for (int key = 1; key < KEYS; key++) {
            contexts[key] = PickContext.hashedBy("key-" + key);
        }
        return contexts;
    }
}
