// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

/**
 * What a header, cookie, baggage entry or path must be. Values are compared with case, as they are: nothing is trimmed,
 * decoded or normalised, only the values of baggage are decoded (W3C writes them with {@code %}). An immutable value.
 */
public final class TextMatch {
    /** How it compares. */
    public enum Kind {
        /** The value is the text. */
        EXACT,
        /** The value begins with the text; a path by whole segments: {@code /v1} takes {@code /v1/x} and not {@code /v10}. */
        PREFIX,
        /** The whole value is a word of the regular expression. */
        REGEX,
        /** There is a value, also an empty one. */
        PRESENT,
        /** There is none. */
        ABSENT
    }

    private final Kind kind;
    private final String text;

    private TextMatch(Kind kind, String text) {
        this.kind = kind;
        this.text = text;
    }

    /** The value is this. */
    public static TextMatch exact(String value) {
        return new TextMatch(Kind.EXACT, value);
    }

    /** The value begins with this; a path by whole segments. */
    public static TextMatch prefix(String value) {
        return new TextMatch(Kind.PREFIX, value);
    }

    /**
     * The whole value is a word of this regular expression; {@code ^} and {@code $} may stand at its ends and say nothing.
     * Literals, {@code .}, classes, {@code \d \w \s}, groups, {@code |} and {@code * + ? {m,n}} with n up to 100; at most
     * 512 characters and 2,000 states of its automaton, which takes time in proportion to the value. A value above 8,192
     * characters does not match.
     */
    public static TextMatch regex(String expression) {
        return new TextMatch(Kind.REGEX, expression);
    }

    /** There is a value, also an empty one; or with false, there is none. */
    public static TextMatch present(boolean isPresent) {
        return new TextMatch(isPresent ? Kind.PRESENT : Kind.ABSENT, "");
    }

    /** How it compares. */
    public Kind kind() {
        return kind;
    }

    /** What it compares with; empty for {@link Kind#PRESENT} and {@link Kind#ABSENT}. */
    public String text() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextMatch match && match.kind == kind && match.text.equals(text);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + text.hashCode();
    }

    /** As in {@code prefix '/v1'}. */
    @Override
    public String toString() {
        return switch (kind) {
            case EXACT -> "'" + text + "'";
            case PREFIX -> "prefix '" + text + "'";
            case REGEX -> "regex '" + text + "'";
            case PRESENT -> "present";
            case ABSENT -> "absent";
        };
    }
}
