// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing a breaker must do.
 *
 * @param id its code in the table of this package: T for behaviour, R for what went wrong in another breaker, both for both
 * @param title a sentence
 */
record Case(String id, String title, Body body) {
    /** Makes a breaker on a clock of its own. */
    @FunctionalInterface
    interface Maker {
        Sut make(Setup setup);

        default Script script(Setup setup) {
            return new Script(make(setup));
        }
    }

    /** What is done to it. */
    @FunctionalInterface
    interface Body {
        void run(Maker maker) throws Exception;
    }

    static List<Case> all() {
        List<Case> all = new ArrayList<>();
        all.addAll(WindowCases.ALL);
        all.addAll(OpenCases.ALL);
        all.addAll(HalfOpenCases.ALL);
        all.addAll(StateCases.ALL);
        all.addAll(CallCases.ALL);
        all.addAll(RaceCases.ALL);
        return all;
    }
}
