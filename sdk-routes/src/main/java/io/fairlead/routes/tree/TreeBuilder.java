// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a tree of what a parser meets, in order. It calls itself nowhere, however deep the document is. */
final class TreeBuilder {
    private static final int MOST_DEPTH = 32;

    private final DocumentProblems problems;
    private final Deque<Open> open = new ArrayDeque<>();
    private @Nullable Part root;

    /** Nothing that follows can be understood; what is wrong was added to the problems. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken() {
            super(null, null, false, false);
        }
    }

    /** An object or a list that has not ended. */
    private static final class Open {
        final Position place;
        final @Nullable Map<String, Part.Field> fields;
        final List<Part> items = new ArrayList<>();

        @Nullable
        String key;

        Position keyAt;

        Open(Position place, boolean isFields) {
            this.place = place;
            this.keyAt = place;
            this.fields = isFields ? new LinkedHashMap<>() : null;
        }

        Part close() {
            return fields == null ? new Part.Items(place, items) : new Part.Fields(place, fields);
        }
    }

    TreeBuilder(DocumentProblems problems) {
        this.problems = problems;
    }

    void begin(Position place, boolean isFields) {
        if (isKeyNext()) {
            throw broken(place, "a key that is an object or a list (expected: a word)");
        }
        if (open.size() == MOST_DEPTH) {
            throw broken(place, "deeper than " + MOST_DEPTH + " (expected: what the grammar has)");
        }
        open.push(new Open(place, isFields));
    }

    /** A value; behind a key, or where a key is due the key itself. */
    void text(Part.Text text) {
        if (isKeyNext()) {
            key(text.place(), text.text());
        } else {
            put(text);
        }
    }

    void key(Position place, String key) {
        Open inner = open.getFirst();
        inner.key = key;
        inner.keyAt = place;
    }

    void end() {
        put(open.pop().close());
    }

    Broken broken(Position place, String message) {
        problems.add(place, path(), message);
        return new Broken();
    }

    @Nullable
    Part root() {
        return root;
    }

    /** The path of what comes next. */
    String path() {
        StringBuilder path = new StringBuilder();
        for (Iterator<Open> outerFirst = open.descendingIterator(); outerFirst.hasNext(); ) {
            Open one = outerFirst.next();
            if (one.fields == null) {
                path.append('[').append(one.items.size()).append(']');
            } else if (one.key != null) {
                path.append(path.length() == 0 ? "" : ".").append(DocumentProblems.key(one.key));
            }
        }
        return path.toString();
    }

    private boolean isKeyNext() {
        Open inner = open.peek();
        return inner != null && inner.fields != null && inner.key == null;
    }

    private void put(Part part) {
        Open inner = open.peek();
        if (inner == null) {
            root = part;
        } else if (inner.fields == null) {
            inner.items.add(part);
        } else if (inner.key != null) {
            // The first stays: which of two was meant is nobody's to guess.
            Part.Field first = inner.fields.get(inner.key);
            if (first != null) {
                problems.add(inner.keyAt, path(), "twice (first at " + first.at() + ")");
            } else {
                inner.fields.put(inner.key, new Part.Field(inner.keyAt, part));
            }
            inner.key = null;
        }
    }
}
