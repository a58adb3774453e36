// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import io.fairlead.balancer.regex.Automaton;
import org.jspecify.annotations.Nullable;

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

    /** Compiled when first used; any thread may write it, and all write the same. */
    private @Nullable Automaton automaton;

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

    /**
     * Whether a value is so; null is none. Allocates nothing.
     *
     * @throws IllegalArgumentException when its regular expression is none; routes that were built have only good ones
     */
    public boolean matches(@Nullable String value) {
        return value == null ? kind == Kind.ABSENT : matches(value, 0, value.length());
    }

    /** As {@link #matches(String)}, for a value that is a part of a text. */
    public boolean matches(String whole, int begin, int end) {
        return switch (kind) {
            case EXACT -> end - begin == text.length() && whole.startsWith(text, begin);
            case PREFIX -> end - begin >= text.length() && whole.startsWith(text, begin);
            case REGEX -> automaton().matches(whole, begin, end);
            case PRESENT -> true;
            case ABSENT -> false;
        };
    }

    /**
     * As {@link #matches(String)}, for a path: {@link Kind#PREFIX} goes by segments. A prefix that ends with a slash takes what
     * lies below it, and not the path without the slash.
     */
    public boolean matchesPath(@Nullable String path) {
        if (kind != Kind.PREFIX || path == null || !path.startsWith(text)) {
            return kind != Kind.PREFIX && matches(path);
        }
        int end = text.length();
        return path.length() == end || path.charAt(end) == '/' || end > 0 && path.charAt(end - 1) == '/';
    }

    /** How many states its automaton has; throws when the expression is none. */
    int states() {
        return kind == Kind.REGEX ? automaton().states() : 0;
    }

    private Automaton automaton() {
        Automaton known = automaton;
        if (known == null) {
            known = Automaton.of(text);
            automaton = known;
        }
        return known;
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
