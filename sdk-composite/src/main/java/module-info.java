// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Several registries as one. */
@NullMarked
module io.fairlead.composite {
    requires transitive io.fairlead.api;

    exports io.fairlead.composite;
}
