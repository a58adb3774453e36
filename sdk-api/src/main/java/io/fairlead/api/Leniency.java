// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes what others registered fit into a {@link ServiceInstance}: what can not stand there is left out or changed, and
 * told. Belongs to one instance that is being built.
 */
final class Leniency {
    private static final int KEPT_OF_LONG_ID = 200;

    private final Consumer<String> onLeftOut;

    Leniency(Consumer<String> onLeftOut) {
        this.onLeftOut = onLeftOut;
    }

    /** Never left out: without its id nobody is told apart from the next. */
    String id(String given, String fallback) {
        if (given.isEmpty()) {
            onLeftOut.accept("id: '' (expected: 1 to " + Names.MAX_TEXT + " characters)");
            return fallback;
        }
        String id = Names.isHarmless(given) ? given : escaped(given);
        if (id.length() > Names.MAX_TEXT) {
            id = id.substring(0, KEPT_OF_LONG_ID) + "~"
                    + UUID.nameUUIDFromBytes(given.getBytes(StandardCharsets.UTF_16));
            id = Names.isHarmless(id) ? id : escaped(id);
        }
        if (!id.equals(given)) {
            onLeftOut.accept(Names.illegal(
                            "id", given, "up to " + Names.MAX_TEXT + " characters, none of them a control character")
                    .getMessage());
        }
        return id;
    }

    String scheme(String given) {
        return accepts(() -> Names.requireScheme(given)) ? given : "http";
    }

    int weight(int given) {
        accepts(() -> Names.requireRange("weight", given, 1, ServiceInstance.MAX_WEIGHT));
        return Math.max(1, Math.min(ServiceInstance.MAX_WEIGHT, given));
    }

    @Nullable
    String text(String what, @Nullable String given) {
        return accepts(() -> Names.optionalText(what, given)) ? given : null;
    }

    Set<String> tags(Set<String> given) {
        Set<String> kept = new LinkedHashSet<>();
        for (String tag : given) {
            if (kept.size() == Names.MAX_ENTRIES) {
                tellOfTooMany("tags", given.size());
                break;
            }
            if (accepts(() -> Names.requireTag(tag))) {
                kept.add(tag);
            }
        }
        return kept;
    }

    Map<String, String> metadata(Map<String, String> given) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : given.entrySet()) {
            if (kept.size() == Names.MAX_ENTRIES) {
                tellOfTooMany("metadata entries", given.size());
                break;
            }
            if (accepts(() -> Names.requireEntry(entry.getKey(), entry.getValue()))) {
                kept.put(entry.getKey(), entry.getValue());
            }
        }
        return kept;
    }

    private boolean accepts(Runnable rule) {
        try {
            rule.run();
            return true;
        } catch (IllegalArgumentException unfit) {
            onLeftOut.accept(String.valueOf(unfit.getMessage()));
            return false;
        }
    }

    private void tellOfTooMany(String what, int count) {
        onLeftOut.accept(what + ": " + count + " (expected: 0.." + Names.MAX_ENTRIES + ")");
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (Names.isHarmful(c)) {
                escaped.append(String.format("\\u%04x", c));
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }
}
