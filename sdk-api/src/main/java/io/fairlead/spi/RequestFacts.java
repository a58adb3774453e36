// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import org.jspecify.annotations.Nullable;

/**
 * The request behind a call, as its HTTP client's adapter sees it. Policies ask it while they pick, most ask nothing: so an
 * adapter copies nothing and answers from the request itself. Asked on the caller's thread, must not block.
 */
public interface RequestFacts {
    /** The method, in upper case. */
    String method();

    /** The path, encoded, with its leading slash and without the query. */
    String path();

    /** The last value of a header, or null when there is none; names are matched without case. */
    @Nullable
    String header(String name);

    /** What the caller attached to the request under this type, or null; null by default. */
    default <T> @Nullable T tag(Class<T> type) {
        return null;
    }
}
