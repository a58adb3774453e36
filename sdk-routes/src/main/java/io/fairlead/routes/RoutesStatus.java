// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which document is in force, and what is wrong with a newer one. An immutable value.
 *
 * @param origin where what is in force comes from
 * @param source what is followed, as in {@code consul kv fairlead/routes}
 * @param version what the document in force calls itself; empty without a document, or when it has no version
 * @param revision what its source calls it; empty without a document
 * @param hash the SHA-256 of its bytes; empty without a document
 * @param appliedAt when it came into force, in this process or, of one from disk, in the one that kept it; null without a document
 * @param troubleSince since when the source has something else that is not in force; null while it has not
 * @param trouble what is wrong with that: problems, or that it is absent or can not be read; empty while nothing is
 */
public record RoutesStatus(
        Origin origin,
        String source,
        String version,
        String revision,
        String hash,
        @Nullable Instant appliedAt,
        @Nullable Instant troubleSince,
        String trouble) {

    /** Where what is in force comes from. */
    public enum Origin {
        /** No document: the options that code has set. */
        CODE,
        /** The last good document on disk, because the source has given none that is right since the start: it may be old. */
        DISK,
        /** The document of the source. */
        SOURCE
    }

    /** Whether what is in force may be older than what the source has. */
    public boolean isStale() {
        return origin != Origin.SOURCE || troubleSince != null;
    }
}
