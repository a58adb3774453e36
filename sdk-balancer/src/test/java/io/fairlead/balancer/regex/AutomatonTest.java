// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AutomatonTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "TestApp/v2(\\..*)? TestApp/v2 true",
                "TestApp/v2(\\..*)? TestApp/v2.1.x true",
                "TestApp/v2(\\..*)? TestApp/v20 false",
                "TestApp/v2(\\..*)? xTestApp/v2 false",
                "^a|b$ a true",
                "^a|b$ b true",
                "^a|b$ ab false",
                "[^a-c\\d]+ xyz true",
                "[^a-c\\d]+ x1z false",
                "[a\\-z]- -- true",
                "[a\\-z]- b- false",
                "[-a]{2} -a true",
                "(ab|cd){2,3} abcdab true",
                "(ab|cd){2,3} ab false",
                "(?:a|b)*c abbac true",
                "a{3} aaa true",
                "a{2,} a false",
                "a{2,} aaaaaa true",
                "\\w+@\\w+\\.cn me@x.cn true",
                "\\S+ 京东 true",
                "京+ 京京 true",
                "(😀)+ 😀😀 true",
                "😀+ 😀😀 true",
                ".. 😀 true",
                "(|a)b b true",
            })
    void aWholeValueMatchesOrDoesNot(String expression, String text, boolean matches) {
        assertThat(Automaton.of(expression).matches(text)).isEqualTo(matches);
        assertThat(Automaton.of(expression).matches("x" + text + "y", 1, text.length() + 1))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "(a~'(a' at 2: ')' missing",
                "a)~')' at 2: ')' without '('",
                "[a-~'[a-' at 3: ']' missing",
                "[]~'[]' at 1: an empty class (expected: \\] for the character)",
                "(?=a)~'(?=' at 1: look-ahead (expected: literals, '.', classes, \\d \\w \\s, groups, '|', * + ? {m,n})",
                "x(?<!a)~'(?<!' at 2: look-behind (expected: literals, '.', classes, \\d \\w \\s, groups, '|', * + ? {m,n})",
                "(?<n>a)~'(?<' at 1: no group (expected: ( or (?: before it)",
                "(a)\\1~'\\1' at 4: a back-reference (expected: literals, '.', classes, \\d \\w \\s, groups, '|', * + ?"
                        + " {m,n})",
                "a*?~'a*' at 1: a lazy mark (expected: literals, '.', classes, \\d \\w \\s, groups, '|', * + ? {m,n})",
                "a++~'a+' at 1: a possessive mark (expected: literals, '.', classes, \\d \\w \\s, groups, '|', * + ? {m,n})",
                "a**~'a*' at 1: repeated twice (expected: a group around what is repeated)",
                "*a~'*' at 1: nothing to repeat (expected: \\* for the character)",
                "a{101}~'{101}' at 2: (expected: {m}, {m,} or {m,n} with numbers up to 100, or \\{)",
                "a{3,2}~'{3,2}' at 2: (expected: {m}, {m,} or {m,n} with numbers up to 100, or \\{)",
                "a{,2}~'{,2}' at 2: (expected: {m}, {m,} or {m,n} with numbers up to 100, or \\{)",
                "\\b~'\\b' at 1: (expected: one of d w s D W S t behind '\\', or a punctuation mark)",
                "a^b~'^' at 2: inside (expected: at the ends of the whole, or \\^)",
                "[z-a]~'[z-a' at 1: a range that is none (expected: as in a-z, or \\-)",
                "[a&&b]~'[a&' at 1: a class within a class (expected: \\[ or \\& for the character)",
            })
    void whatTheDialectLacksIsNamedWithItsPlace(String expression, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Automaton.of(expression))
                .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1,100}){1,100}){1,100}",
                "((((a{100}){100}){100}){100}){100}",
                "(((((){100}){100}){100}){100}){100}",
                "(.*a.{12}|.*b.{12})*",
                ".*a.{40}.*b.{40}.*c.{40}",
                "(x+x+)+y{100}(a?){100}(a?){100}(a?){100}a{100}.*b.{90}",
                "([a-z]{1,100}[0-9]{1,100}){20}",
                "(.{0,100}a){100}",
            })
    void whatNeedsTooManyStatesIsRefusedWithinItsBounds(String expression) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Automaton.of(expression))
                .withMessage("over 2,000 states (expected: less {m,n} and '.*')");
    }

    @Test
    void anExpressionHasAtMost512Characters() {
        assertThat(Automaton.of("a".repeat(512)).states()).isEqualTo(513);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Automaton.of("a".repeat(513)))
                .withMessage("513 characters (expected: at most 512)");
        assertThat(Automaton.of("(".repeat(256) + ")".repeat(256)).matches("")).isTrue();
    }

    @Test
    void aValueAboveEightThousandCharactersDoesNotMatch() {
        Automaton all = Automaton.of(".*");
        assertThat(all.matches("a".repeat(8_192))).isTrue();
        assertThat(all.matches("a".repeat(8_193))).isFalse();
    }

    @Test
    void whatMakesOthersTakeForeverTakesALookACharacter() {
        Automaton trap = Automaton.of("(a|a)*(a*)*(a+)+b");
        assertThat(trap.matches("a".repeat(8_192))).isFalse();
        assertThat(trap.states()).isLessThan(10);
    }

    @Test
    void itMatchesWhatJavaMatches() {
        compareWithJava(1, 500);
    }

    static void compareWithJava(long seed, int expressions) {
        SplittableRandom random = new SplittableRandom(seed);
        int matched = 0;
        for (int i = 0; i < expressions; i++) {
            String expression = RandomRegex.of(random, 3);
            Automaton ours;
            try {
                ours = Automaton.of(expression);
            } catch (IllegalArgumentException tooLarge) {
                assertThat(tooLarge).hasMessageStartingWith("over 2,000 states");
                continue;
            }
            Pattern theirs = Pattern.compile(expression, Pattern.DOTALL);
            for (int t = 0; t < 20; t++) {
                String text = RandomRegex.text(random, 8);
                boolean matches = theirs.matcher(text).matches();
                matched += matches ? 1 : 0;
                assertThat(ours.matches(text))
                        .as("seed %d: '%s' and '%s'", seed, expression, text)
                        .isEqualTo(matches);
            }
        }
        assertThat(matched).isGreaterThan(expressions);
    }
}
