// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of a document and its place. Whoever reads it gives it a meaning: {@code 1.10} is a text here, and so is {@code no}. */
public sealed interface Part {
    /** Where it begins. */
    Position place();

    /** What it is, for a message. */
    String kind();

    /**
     * A value.
     *
     * @param isWritten whether anything stands there: not so behind a key without a value, nor for JSON's null
     */
    record Text(Position place, String text, boolean isWritten) implements Part {
        /** A value that stands there. */
        public Text(Position place, String text) {
            this(place, text, true);
        }

        @Override
        public String kind() {
            return isWritten ? "a value" : "nothing";
        }
    }

    /** Parts in order. */
    record Items(Position place, List<Part> items) implements Part {
        /** Copies the list. */
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Parts by key, in the order of the document. */
    record Fields(Position place, Map<String, Field> fields) implements Part {
        /** Copies the map. */
        public Fields {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        }

        @Override
        public String kind() {
            return "an object";
        }
    }

    /**
     * A part behind its key.
     *
     * @param at where the key stands
     */
    record Field(Position at, Part value) {}
}
