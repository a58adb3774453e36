// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case against our breaker, which passes all of them, and against three others, whose known answers are listed: what
 * is listed as failing must fail and what a breaker is said to lack it must lack, otherwise the list is wrong.
 */
class BreakerCasesTest {
    /** How a case ends. */
    private enum End {
        PASSES,
        FAILS,
        LACKS
    }

    @TestFactory
    Stream<DynamicTest> oursPassesEveryCase() {
        return against("ours", OurSut::new, Map.of());
    }

    @TestFactory
    Stream<DynamicTest> resilience4jAnswersAsListed() {
        return against("resilience4j", Resilience4jSut::new, KnownAnswers.RESILIENCE4J);
    }

    @TestFactory
    Stream<DynamicTest> failsafeAnswersAsListed() {
        return against("failsafe", FailsafeSut::new, KnownAnswers.FAILSAFE);
    }

    @TestFactory
    Stream<DynamicTest> armeriaAnswersAsListed() {
        return against("armeria", ArmeriaSut::new, KnownAnswers.ARMERIA);
    }

    private static Stream<DynamicTest> against(String breaker, Function<Setup, Sut> make, Map<String, String> known) {
        assertThat(Case.all().stream().map(Case::id))
                .as("ids")
                .doesNotHaveDuplicates()
                .containsAll(known.keySet());
        return Case.all().stream()
                .map(one -> DynamicTest.dynamicTest(
                        breaker + " " + one.id() + ": " + one.title(), () -> check(one, make, known.get(one.id()))));
    }

    private static void check(Case one, Function<Setup, Sut> make, String answer) throws Exception {
        if (answer == null) {
            one.body().run(make::apply);
            return;
        }
        Throwable[] seen = new Throwable[1];
        assertThat(end(one, make, seen))
                .as(one.id() + " is listed as: " + answer + "; seen: " + seen[0])
                .isEqualTo(answer.startsWith("lacks ") ? End.LACKS : End.FAILS);
    }

    private static End end(Case one, Function<Setup, Sut> make, Throwable[] seen) throws Exception {
        try {
            one.body().run(make::apply);
            return End.PASSES;
        } catch (Sut.Lacking lacking) {
            seen[0] = lacking;
            return End.LACKS;
        } catch (AssertionError failed) {
            seen[0] = failed;
            return End.FAILS;
        }
    }
}
