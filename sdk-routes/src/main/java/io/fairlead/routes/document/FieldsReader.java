// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.routes.tree.Part;
import io.fairlead.routes.tree.Position;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the fields of one object. Belongs to one reading. */
record FieldsReader(Part.Fields fields, PartReader whole) {

    /** What stands behind a key; null when the key is not there. */
    @Nullable
    PartReader get(String key) {
        Part.Field field = fields.fields().get(key);
        return field == null ? null : new PartReader(field.value(), whole.join(key), whole.problems());
    }

    boolean has(String key) {
        return fields.fields().containsKey(key);
    }

    /** Where a key stands that is there. */
    Position at(String key) {
        Part.Field field = fields.fields().get(key);
        return field == null ? fields.place() : field.at();
    }

    /** Hands the text behind a key over, unless it is not there or is none. */
    void word(String key, String expected, Consumer<String> taker) {
        PartReader part = get(key);
        String word = part == null ? null : part.word(expected);
        if (word != null) {
            taker.accept(word);
        }
    }

    /** Whether a key is there; a problem when it is not. */
    boolean require(String key, String expected) {
        if (!has(key)) {
            whole.problems().add(whole.place(), whole.join(key), "missing (expected: " + expected + ")");
        }
        return has(key);
    }

    /** The one key there is; null, and a problem, when there are none or several. */
    @Nullable
    String only(String expected) {
        if (fields.fields().size() == 1) {
            return fields.fields().keySet().iterator().next();
        }
        whole.refuse((fields.fields().isEmpty()
                        ? "empty"
                        : String.join(" and ", fields.fields().keySet())) + " (expected: " + expected + ")");
        return null;
    }

    /** The value behind a key; null when it is not there, or is none. */
    <T> @Nullable T value(String key, ValueKind<T> kind) {
        PartReader part = get(key);
        return part == null ? null : part.value(kind);
    }

    /** As {@link #value}, or {@code standard}. */
    <T> T value(String key, ValueKind<T> kind, T standard) {
        T value = value(key, kind);
        return value == null ? standard : value;
    }

    /**
     * An option's value with one part changed, if the key is there. The option itself knows which values it takes: what it says
     * when it refuses one is told at the key.
     */
    <T, V> T with(T before, String key, ValueKind<V> kind, BiFunction<T, V, T> change) {
        PartReader part = get(key);
        V value = part == null ? null : part.value(kind);
        if (part == null || value == null) {
            return before;
        }
        T after = part.made(() -> change.apply(before, value));
        return after == null ? before : after;
    }

    /** A duration within bounds, a millisecond or more if it may not be zero; null when it is not there, or is none. */
    @Nullable
    Duration duration(String key, boolean mayBeZero, Duration most) {
        PartReader part = get(key);
        return part == null ? null : part.duration(mayBeZero, most);
    }

    /** Calls for each field. */
    void forEach(BiConsumer<String, PartReader> action) {
        for (Map.Entry<String, Part.Field> field : fields.fields().entrySet()) {
            action.accept(
                    field.getKey(),
                    new PartReader(field.getValue().value(), whole.join(field.getKey()), whole.problems()));
        }
    }
}
