// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The contract itself: a good policy passes all of it, and each broken one fails in the case that is about it. */
class BalancingPolicyContractTest {
    private static final ThreadLocal<BalancingPolicy> UNDER_TEST = new ThreadLocal<>();

    /** Found by the engine only when selected; its name keeps it out of ordinary runs. */
    static class Subject extends BalancingPolicyContract {
        @Override
        protected Stream<BalancingPolicy> policies() {
            return Stream.of(UNDER_TEST.get());
        }
    }

    @FunctionalInterface
    private interface Maker {
        Picker make(List<Candidate> candidates, @Nullable Picker previous, Environment environment);
    }

    private record Named(String name, Maker maker) implements BalancingPolicy {
        @Override
        public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
            return maker.make(candidates, previous, environment);
        }
    }

    private static final Map<String, BalancingPolicy> BROKEN = Map.of(
            "hasANameOfLowerCaseWords",
            new Named("My Policy", (candidates, previous, environment) -> firstAccepting(candidates)),
            "findsTheOnlyOneThatAcceptsAndNullWhenNoneDoes",
            new Named("gives_up", (candidates, previous, environment) -> (context, now) -> {
                Candidate drawn = candidates.get(environment.random().nextInt(candidates.size()));
                return drawn.accepts(context, now) ? drawn : null;
            }),
            "neverPicksWhatTheCallHasTried",
            new Named("stubborn", (candidates, previous, environment) -> (context, now) -> candidates.get(0)),
            "aNewListForgetsTheOldWhateverThePickerBefore",
            new Named(
                    "nostalgic",
                    (candidates, previous, environment) -> previous == null ? firstAccepting(candidates) : previous),
            "theSameRandomnessPicksTheSame",
            new Named("moody", (candidates, previous, environment) -> moody(candidates)),
            "aPickAllocatesNothing",
            new Named(
                    "wasteful",
                    (candidates, previous, environment) -> (context, now) -> candidates.stream()
                            .filter(candidate -> candidate.accepts(context, now))
                            .findFirst()
                            .orElse(null)));

    private static final AtomicLong MOODS = new AtomicLong();

    static Stream<String> cases() {
        return BROKEN.keySet().stream().sorted();
    }

    @Test
    void aGoodPolicyPasses() {
        assertThat(failures(new Named("good", (candidates, previous, environment) -> firstAccepting(candidates))))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aBrokenPolicyFailsInTheCaseThatIsAboutIt(String expectedCase) {
        BalancingPolicy broken = BROKEN.get(expectedCase);
        assertThat(failures(broken))
                .as("cases that '" + broken.name() + "' fails")
                .contains(expectedCase);
    }

    private static Picker firstAccepting(List<Candidate> candidates) {
        return (context, now) -> first(candidates, context, now);
    }

    private static @Nullable Candidate first(List<Candidate> candidates, PickContext context, long now) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).accepts(context, now)) {
                return candidates.get(i);
            }
        }
        return null;
    }

    /** Every second one turns its list round. */
    private static Picker moody(List<Candidate> candidates) {
        boolean last = MOODS.getAndIncrement() % 2 == 0;
        return (context, now) -> candidates.get(last ? candidates.size() - 1 : 0);
    }

    private static List<String> failures(BalancingPolicy policy) {
        UNDER_TEST.set(policy);
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Subject.class))
                .execute()
                .testEvents()
                .failed()
                .stream()
                .map(event -> event.getTestDescriptor().getParent())
                .map(parent ->
                        parent.map(TestDescriptor::getDisplayName).orElse("").replace("()", ""))
                .toList();
    }
}
