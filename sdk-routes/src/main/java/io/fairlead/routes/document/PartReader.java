// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.routes.tree.DocumentProblems;
import io.fairlead.routes.tree.Part;
import io.fairlead.routes.tree.Position;
import io.fairlead.spi.kit.NearestName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives one part of a document a meaning, or says why it has none. What returns null has added a problem. Belongs to one
 * reading.
 *
 * @param path as in messages: {@code services.orders.rules[2].to}
 */
record PartReader(Part part, String path, DocumentProblems problems) {
    /** The longest timeout or ramp. */
    static final Duration LONGEST_TIME = Duration.ofHours(24);

    private static final String NAME = "a name, as in 'X-User-Id'";
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

    Position place() {
        return part.place();
    }

    /** Adds a problem at this part. */
    void refuse(String message) {
        problems.add(place(), path, message);
    }

    /** Adds that this part is not what was expected. */
    void refuseFor(String expected) {
        refuse(offender() + " (expected: " + expected + ")");
    }

    /** What stands here, for a message. */
    String offender() {
        return part instanceof Part.Text text && text.isWritten() ? DocumentProblems.quote(text.text()) : part.kind();
    }

    boolean isFields() {
        return part instanceof Part.Fields;
    }

    boolean isItems() {
        return part instanceof Part.Items;
    }

    boolean isText() {
        return part instanceof Part.Text;
    }

    /** Whether the word {@code off} stands here. */
    boolean isOff() {
        return isWord("off");
    }

    boolean isWord(String word) {
        return part instanceof Part.Text text && text.text().equals(word);
    }

    /** What stands here as a text, which may be empty if it is written. */
    @Nullable
    String text(String expected) {
        if (part instanceof Part.Text text && text.isWritten()) {
            return text.text();
        }
        refuseFor(expected);
        return null;
    }

    /** A text that is not empty. */
    @Nullable
    String word(String expected) {
        String text = text(expected);
        if (text != null && text.isBlank()) {
            refuseFor(expected);
            return null;
        }
        return text;
    }

    /** A value of a kind. */
    <T> @Nullable T value(ValueKind<T> kind) {
        if (part instanceof Part.Text text && text.isWritten()) {
            T value = kind.parse(text.text());
            if (value != null) {
                return value;
            }
        }
        refuseFor(kind.expected());
        return null;
    }

    /** A duration within bounds, a millisecond or more if it may not be zero. */
    @Nullable
    Duration duration(boolean mayBeZero, Duration most) {
        Duration value = value(ValueKind.DURATIONS);
        if (value != null && (value.toMillis() < 1 && !mayBeZero || value.compareTo(most) > 0)) {
            String least = mayBeZero ? "0s" : "1ms";
            refuseFor(least + " to " + (most.toHours() > 0 ? most.toHours() + "h" : most.toSeconds() + "s"));
            return null;
        }
        return value;
    }

    /** One of a few words. */
    @Nullable
    String oneOf(Collection<String> words) {
        String text = text("one of " + String.join(", ", words));
        if (text == null || words.contains(text)) {
            return text;
        }
        refuse(DocumentProblems.quote(text) + meant(text, words) + " (expected: one of " + String.join(", ", words)
                + ")");
        return null;
    }

    /** The fields of an object that may have these keys; every other key is a problem. Null when it is no object. */
    @Nullable
    FieldsReader fields(Set<String> known, String expected) {
        if (!(part instanceof Part.Fields fields)) {
            refuseFor(expected);
            return null;
        }
        fields.fields().forEach((key, field) -> {
            if (!known.contains(key)) {
                problems.add(field.at(), join(key), "unknown key" + meant(key, known));
            }
        });
        return new FieldsReader(fields, this);
    }

    /** The fields of an object whose keys are names that its author gave. Null when it is no object. */
    @Nullable
    FieldsReader named(String expected) {
        if (part instanceof Part.Fields fields) {
            return new FieldsReader(fields, this);
        }
        refuseFor(expected);
        return null;
    }

    /** The items of a list; of anything else that alone. */
    List<PartReader> each() {
        if (!(part instanceof Part.Items items)) {
            return List.of(this);
        }
        List<PartReader> all = new ArrayList<>();
        for (int i = 0; i < items.items().size(); i++) {
            all.add(new PartReader(items.items().get(i), path + "[" + i + "]", problems));
        }
        return all;
    }

    /** The items of a list that has some; of a value that alone. Anything else is a problem. */
    List<PartReader> each(String expected) {
        if (part instanceof Part.Items items && items.items().isEmpty()) {
            refuse("an empty list (expected: " + expected + ")");
        }
        return each();
    }

    /** The items of a list. Null when it is none. */
    @Nullable
    List<PartReader> items(String expected) {
        if (isItems()) {
            return each();
        }
        refuseFor(expected);
        return null;
    }

    /** A name of a header, a cookie or an entry of the baggage (RFC 9110, section 5.6.2). */
    @Nullable
    String name() {
        String text = text(NAME);
        if (text != null && !TOKEN.matcher(text).matches()) {
            refuseFor(NAME);
            return null;
        }
        return text;
    }

    /** What an option of ours makes of values; what it says when it refuses them is told here. */
    <T> @Nullable T made(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException outside) {
            String message = String.valueOf(outside.getMessage());
            // It names the option, as in slowStart.floor, which the path does already.
            int colon = message.indexOf(": ");
            String name = message.substring(0, Math.max(0, colon));
            String last = name.substring(name.lastIndexOf('.') + 1);
            refuse(
                    !last.isEmpty() && path.endsWith("." + last)
                            ? message.substring(colon + 2)
                            : message.substring(name.length() - last.length()));
            return null;
        }
    }

    String join(String key) {
        String shown = DocumentProblems.key(key);
        return path.isEmpty() ? shown : path + "." + shown;
    }

    /** As in {@code (did you mean 'to'?)}, or nothing. */
    static String meant(String given, Collection<String> known) {
        String nearest = NearestName.suggest(given, new TreeSet<>(known));
        return nearest == null ? "" : " (did you mean '" + nearest + "'?)";
    }
}
