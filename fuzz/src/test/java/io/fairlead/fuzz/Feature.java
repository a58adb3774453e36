// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What a history may hold, so that what is known to be broken can be left out, in this one place. */
enum Feature {
    REDIRECT_SAME_SERVICE,
    REDIRECT_OTHER_SERVICE,
    REDIRECT_OWN_ADDRESS,
    REDIRECT_DEAD_PORT,
    REDIRECT_UNRESOLVABLE,
    CACHE,
    ONLY_IF_CACHED,
    FRONT_TWICE,
    FRONT_HEADER,
    FRONT_THROWS,
    BEHIND_THROWS,
    BEHIND_ANSWERS,
    NETWORK_THROWS,
    BODY_ONE_SHOT,
    BODY_THROWS,
    RETRY_AFTER_ZERO,
    RETRY_AFTER_SECONDS,
    SINKS,
    HEDGING,
    CANCEL,
    INTERRUPT,
    LIST_CHANGES,
    /** Calls that run at once. */
    OVERLAP,
    NO_LIST;

    private static final Set<Feature> ONLY_OKHTTP = EnumSet.of(
            CACHE,
            ONLY_IF_CACHED,
            FRONT_TWICE,
            FRONT_HEADER,
            FRONT_THROWS,
            BEHIND_THROWS,
            BEHIND_ANSWERS,
            NETWORK_THROWS,
            OVERLAP);

    /** Off until they are mended; {@code -Dfairlead.fuzz.on=all} has them on all the same. */
    private static final Set<Feature> BROKEN_OKHTTP = EnumSet.noneOf(Feature.class);

    private static final Set<Feature> BROKEN_JDK = EnumSet.noneOf(Feature.class);

    /** What histories of this adapter hold. */
    static Set<Feature> on(boolean isOkHttp) {
        Set<Feature> on = EnumSet.allOf(Feature.class);
        on.removeAll(isOkHttp ? EnumSet.noneOf(Feature.class) : ONLY_OKHTTP);
        String wanted = System.getProperty("fairlead.fuzz.on", "");
        if (!wanted.equals("all")) {
            on.removeAll(isOkHttp ? BROKEN_OKHTTP : BROKEN_JDK);
            for (String name : wanted.isEmpty() ? new String[0] : wanted.split(",")) {
                on.add(Feature.valueOf(name));
            }
        }
        return Collections.unmodifiableSet(on);
    }
}
