// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OkHttpFuzzIT {
    @RegisterExtension
    final LeakCheck leaks = Fuzz.leakCheck();

    @Test
    void nothingFalseComesOfAnyHistory() throws Exception {
        new Fuzz(true).run();
    }
}
