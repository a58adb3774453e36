// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.TextMatch;
import java.math.BigDecimal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one condition of a rule. Stateless. */
final class MatchReader {
    private static final Set<String> KEYS =
            Set.of("method", "path", "headers", "cookies", "baggage", "caller", "percent");
    private static final String TEXT = "a text, or an object with one of exact, prefix, regex, present";
    private static final String PATH = "an object with one of exact, prefix, regex";
    private static final String NAMES = "an object as in '{X-App-Version: beta}'";
    private static final String PERCENT = "an object as in '{of: 10, by: {header: X-User-Id}}'";

    private MatchReader() {}

    /** The condition; of what can not be read of it nothing is asked, and a problem is added. */
    static Match read(PartReader part) {
        Match.Builder match = Match.builder();
        FieldsReader fields = part.fields(KEYS, "an object as in '{headers: {X-App-Version: beta}}'");
        if (fields == null) {
            return match.build();
        }
        PartReader method = fields.get("method");
        if (method != null) {
            for (PartReader one : method.each("a method, as in GET, or a list of some")) {
                String word = one.word("a method, as in GET");
                if (word != null) {
                    match.method(word);
                }
            }
        }
        PartReader path = fields.get("path");
        TextMatch pathMatch = path == null ? null : object(path, Set.of("exact", "prefix", "regex"), PATH);
        if (pathMatch != null) {
            match.path(pathMatch);
        }
        texts(fields.get("headers"), match::header);
        texts(fields.get("cookies"), match::cookie);
        texts(fields.get("baggage"), match::baggage);
        PartReader caller = fields.get("caller");
        if (caller != null) {
            caller(caller, match);
        }
        PartReader percent = fields.get("percent");
        Percent part10 = percent == null ? null : percent(percent);
        if (part10 != null) {
            match.percent(part10);
        }
        return match.build();
    }

    private interface Named {
        Match.Builder add(String name, TextMatch value);
    }

    private static void texts(@Nullable PartReader part, Named match) {
        FieldsReader fields = part == null ? null : part.named(NAMES);
        if (fields != null) {
            fields.forEach((name, value) -> {
                TextMatch text = text(value);
                if (text != null) {
                    match.add(name, text);
                }
            });
        }
    }

    private static @Nullable TextMatch text(PartReader part) {
        if (part.isFields()) {
            return object(part, Set.of("exact", "prefix", "regex", "present"), TEXT);
        }
        String text = part.text(TEXT);
        return text == null ? null : TextMatch.exact(text);
    }

    private static @Nullable TextMatch object(PartReader part, Set<String> kinds, String expected) {
        FieldsReader fields = part.fields(kinds, expected);
        String kind = fields == null ? null : fields.only(expected);
        PartReader value = fields == null || kind == null ? null : fields.get(kind);
        if (kind == null || value == null || !kinds.contains(kind)) {
            return null;
        }
        if (kind.equals("present")) {
            Boolean isPresent = value.value(ValueKind.BOOLEANS);
            return isPresent == null ? null : TextMatch.present(isPresent);
        }
        String text = value.text("a text");
        if (text == null) {
            return null;
        }
        return switch (kind) {
            case "exact" -> TextMatch.exact(text);
            case "prefix" -> TextMatch.prefix(text);
            default -> TextMatch.regex(text);
        };
    }

    private static void caller(PartReader part, Match.Builder match) {
        FieldsReader fields = part.fields(Set.of("zone", "version", "tag"), "an object as in '{zone: cn-beijing*}'");
        if (fields != null) {
            fields.word("zone", "a zone, or its beginning with '*'", match::callerZone);
            fields.word("version", "a version", match::callerVersion);
            fields.word("tag", "a tag", match::callerTag);
        }
    }

    private static @Nullable Percent percent(PartReader part) {
        FieldsReader fields = part.fields(Set.of("of", "by"), PERCENT);
        if (fields == null || !fields.require("of", "0 to 100")) {
            return null;
        }
        BigDecimal of = fields.value("of", ValueKind.NUMBERS);
        PartReader by = fields.get("by");
        StickyKey key = by == null ? null : PolicyReader.key(by);
        return of == null ? null : new Percent(of, key);
    }
}
