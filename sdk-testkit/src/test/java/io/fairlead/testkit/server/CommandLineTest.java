// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A command that answers and warns. */
class CommandLineTest {
    @Test
    void aWarningIsNoPartOfTheAnswerButOfAFailure() {
        assertThat(CommandLine.run(List.of("sh", "-c", "echo warned >&2; echo $WORD"), "WORD", "answer"))
                .isEqualTo("answer\n");
        assertThatThrownBy(() -> CommandLine.run(List.of("sh", "-c", "echo why >&2; exit 3"), "WORD", "x"))
                .hasMessageContaining("ended with 3")
                .hasMessageContaining("why");
    }
}
