// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RejectedEntriesTest {
    private final List<String> told = new ArrayList<>();
    private final RejectedEntries rejected = new RejectedEntries("orders", new EventListener() {
        @Override
        public void onInstanceRejected(String service, String entry, String reason) {
            told.add(entry + "|" + reason);
        }
    });

    @Test
    void nothingInAReasonCanForgeALine() {
        String all = new StringBuilder("a\u0085b\u2028c\u2029d\u009be\u202ef\u2066g\ud800h\r\ni\u200bj").toString();
        rejected.tell(all, all);
        assertThat(told).containsExactly("a?b?c?d?e?f?g?h?i?j|a?b?c?d?e?f?g?h?i?j");
    }

    @Test
    void aReasonIsNotCutInTheMiddleOfACharacter() {
        rejected.tell("a", "x".repeat(119) + "\ud83d\ude00".repeat(9));
        assertThat(told).containsExactly("a|" + "x".repeat(119) + "…");
    }
}
