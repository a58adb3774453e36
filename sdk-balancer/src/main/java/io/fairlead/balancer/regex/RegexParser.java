// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads an expression by recursive descent. What Java's expressions have and this dialect lacks is named; nothing that Java
 * reads otherwise is read. For one thread.
 */
final class RegexParser {
    static final int MOST_CHARACTERS = 512;

    private static final int MOST_TIMES = 100;
    private static final String CAN = "literals, '.', classes, \\d \\w \\s, groups, '|', * + ? {m,n}";

    /** What may stand behind {@code (?}, and is none of ours. */
    private static final Map<String, String> FOREIGN_GROUPS = Map.of(
            "=", "look-ahead",
            "!", "look-ahead",
            "<=", "look-behind",
            "<!", "look-behind",
            ">", "an atomic group");

    private final String text;
    private int at;
    private int depth;

    private RegexParser(String text) {
        this.text = text;
    }

    /** The tree of an expression; throws what is wrong, with the place counted from 1. */
    static Expression parse(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    text.length() + " characters (expected: at most " + MOST_CHARACTERS + ")");
        }
        RegexParser parser = new RegexParser(text);
        Expression whole = parser.alternatives();
        if (parser.at < text.length()) {
            throw parser.wrong(parser.at, "')' without '('");
        }
        return whole;
    }

    private Expression alternatives() {
        List<Expression> parts = new ArrayList<>();
        parts.add(sequence());
        while (peek() == '|') {
            at++;
            parts.add(sequence());
        }
        return parts.size() == 1 ? parts.get(0) : new Expression.Any(parts);
    }

    private Expression sequence() {
        List<Expression> parts = new ArrayList<>();
        if (depth == 0) {
            while (peek() == '^') {
                at++;
            }
        }
        while (at < text.length() && peek() != '|' && peek() != ')') {
            if (peek() == '$' && endsHere()) {
                at++;
            } else {
                parts.add(repeated());
            }
        }
        return parts.isEmpty()
                ? new Expression.Nothing()
                : parts.size() == 1 ? parts.get(0) : new Expression.All(parts);
    }

    /** Whether nothing but {@code $} comes before the end of this alternative of the whole. */
    private boolean endsHere() {
        int end = at;
        while (end < text.length() && text.charAt(end) == '$') {
            end++;
        }
        return depth == 0 && (end == text.length() || text.charAt(end) == '|');
    }

    private Expression repeated() {
        int begin = at;
        Expression part = atom();
        int mark = peek();
        if (mark != '*' && mark != '+' && mark != '?' && mark != '{') {
            return part;
        }
        Expression repeat = switch (text.charAt(at)) {
            case '*' -> step(new Expression.Repeat(part, 0, Expression.Repeat.ENDLESS));
            case '+' -> step(new Expression.Repeat(part, 1, Expression.Repeat.ENDLESS));
            case '?' -> step(new Expression.Repeat(part, 0, 1));
            default -> counted(part);
        };
        int more = peek();
        if (more == '?' || more == '+') {
            throw wrong(begin, "a " + (more == '?' ? "lazy" : "possessive") + " mark (expected: " + CAN + ")");
        }
        if (more == '*' || more == '{') {
            throw wrong(begin, "repeated twice (expected: a group around what is repeated)");
        }
        return repeat;
    }

    private Expression step(Expression read) {
        at++;
        return read;
    }

    private Expression counted(Expression part) {
        int begin = at++;
        int least = number();
        int most = least;
        if (peek() == ',') {
            at++;
            most = peek() == '}' ? Expression.Repeat.ENDLESS : number();
        }
        boolean isOrdered = most == Expression.Repeat.ENDLESS || least <= most;
        if (least < 0 || most < Expression.Repeat.ENDLESS || peek() != '}' || !isOrdered) {
            at = Math.min(at + 1, text.length());
            throw wrong(begin, "(expected: {m}, {m,} or {m,n} with numbers up to " + MOST_TIMES + ", or \\{)");
        }
        at++;
        return new Expression.Repeat(part, least, most);
    }

    /** A number up to the most, or something below {@link Expression.Repeat#ENDLESS}. */
    private int number() {
        int begin = at;
        int number = 0;
        while (peek() >= '0' && peek() <= '9' && number <= MOST_TIMES) {
            number = 10 * number + text.charAt(at++) - '0';
        }
        return at == begin || number > MOST_TIMES ? -2 : number;
    }

    private Expression atom() {
        char c = text.charAt(at);
        switch (c) {
            case '(':
                return group();
            case '[':
                return new Expression.Unit(charClass());
            case '.':
                return step(new Expression.Unit(CharSet.ALL));
            case '\\':
                return new Expression.Unit(escaped());
            case '*', '+', '?', '{':
                at++;
                throw wrong(at - 1, "nothing to repeat (expected: \\" + c + " for the character)");
            case '^', '$':
                at++;
                throw wrong(at - 1, "inside (expected: at the ends of the whole, or \\" + c + ")");
            default:
                return literal(c);
        }
    }

    /** What is written as two units is repeated as two. */
    private Expression literal(char c) {
        at++;
        Expression first = new Expression.Unit(CharSet.range(c, c));
        if (!Character.isHighSurrogate(c) || at == text.length() || !Character.isLowSurrogate(text.charAt(at))) {
            return first;
        }
        char low = text.charAt(at++);
        return new Expression.All(List.of(first, new Expression.Unit(CharSet.range(low, low))));
    }

    private Expression group() {
        int begin = at++;
        if (peek() == '?') {
            at++;
            if (peek() != ':') {
                throw foreignGroup(begin);
            }
            at++;
        }
        depth++;
        Expression inner = alternatives();
        depth--;
        if (peek() != ')') {
            throw unfinished(begin, ')');
        }
        return step(inner);
    }

    private IllegalArgumentException foreignGroup(int begin) {
        for (Map.Entry<String, String> foreign : FOREIGN_GROUPS.entrySet()) {
            if (text.startsWith(foreign.getKey(), at)) {
                at += foreign.getKey().length();
                return wrong(begin, foreign.getValue() + " (expected: " + CAN + ")");
            }
        }
        at = Math.min(at + 1, text.length());
        return wrong(begin, "no group (expected: ( or (?: before it)");
    }

    private CharSet charClass() {
        int begin = at++;
        boolean isNot = peek() == '^';
        at += isNot ? 1 : 0;
        CharSet set = CharSet.ALL.not();
        do {
            if (at >= text.length()) {
                throw unfinished(begin, ']');
            }
            set = set.or(range(begin));
        } while (peek() != ']');
        at++;
        return isNot ? set.not() : set;
    }

    private CharSet range(int begin) {
        CharSet first = member(begin);
        if (peek() != '-' || at + 1 >= text.length() || text.charAt(at + 1) == ']') {
            return first;
        }
        at++;
        CharSet last = member(begin);
        int[] from = first.points();
        int[] to = last.points();
        if (from[1] - from[0] != 1 || from.length > 2 || to[1] - to[0] != 1 || to.length > 2 || from[0] > to[0]) {
            throw wrong(begin, "a range that is none (expected: as in a-z, or \\-)");
        }
        return CharSet.range(from[0], to[0]);
    }

    private CharSet member(int begin) {
        char c = text.charAt(at);
        if (c == '\\') {
            return escaped();
        }
        at++;
        if (c == '[' || c == '&' && peek() == '&') {
            throw wrong(begin, "a class within a class (expected: \\[ or \\& for the character)");
        }
        if (c == ']') {
            throw wrong(begin, "an empty class (expected: \\] for the character)");
        }
        if (Character.isSurrogate(c)) {
            throw wrong(begin, "a character above U+FFFF in a class (expected: '|' between such)");
        }
        return CharSet.range(c, c);
    }

    private CharSet escaped() {
        int begin = at++;
        int c = peek();
        at = Math.min(at + 1, text.length());
        return switch (c) {
            case 'd' -> CharSet.DIGITS;
            case 'w' -> CharSet.WORD;
            case 's' -> CharSet.BLANKS;
            case 'D' -> CharSet.DIGITS.not();
            case 'W' -> CharSet.WORD.not();
            case 'S' -> CharSet.BLANKS.not();
            case 't' -> CharSet.range('\t', '\t');
            default -> literalEscape(begin, c);
        };
    }

    private CharSet literalEscape(int begin, int c) {
        if (c >= '1' && c <= '9' || c == 'k') {
            throw wrong(begin, "a back-reference (expected: " + CAN + ")");
        }
        if (c < 0 || c >= 0x80 || CharSet.WORD.contains(c) && c != '_') {
            throw wrong(begin, "(expected: one of d w s D W S t behind '\\', or a punctuation mark)");
        }
        return CharSet.range(c, c);
    }

    private int peek() {
        return at < text.length() ? text.charAt(at) : -1;
    }

    private IllegalArgumentException unfinished(int begin, char missing) {
        return new IllegalArgumentException(
                "'" + text.substring(begin) + "' at " + text.length() + ": '" + missing + "' missing");
    }

    /** Shows what was read from {@code begin} on. */
    private IllegalArgumentException wrong(int begin, String what) {
        int from = Math.max(0, begin);
        int to = Math.max(from + 1, at);
        String shown = text.substring(Math.min(from, text.length()), Math.min(text.length(), to));
        return new IllegalArgumentException("'" + shown + "' at " + (from + 1) + ": " + what);
    }
}
