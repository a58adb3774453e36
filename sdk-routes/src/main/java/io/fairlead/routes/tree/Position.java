// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

/**
 * Where something stands in a document.
 *
 * @param line from 1
 * @param column characters from the beginning of the line, from 1
 */
public record Position(int line, int column) implements Comparable<Position> {
    /** The beginning of a document. */
    public static final Position START = new Position(1, 1);

    @Override
    public int compareTo(Position other) {
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }

    /** As editors and compilers write it: {@code 12:9}. */
    @Override
    public String toString() {
        return line + ":" + column;
    }
}
