// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.http.Pairs;
import org.jspecify.annotations.Nullable;

/** Where a key is, as a value: two that look in the same place are equal. */
record NamedStickyKey(Place place, String name) implements StickyKey {
    /** Kinds of places; as text, what stands before the name. */
    enum Place {
        HASH_KEY,
        HEADER,
        COOKIE,
        BAGGAGE,
        FIRST_OF_HEADER
    }

    @Override
    public @Nullable String of(PickContext context) {
        return switch (place) {
            case HASH_KEY -> context.hashKey();
            case HEADER -> emptyToNull(context.header(name));
            case COOKIE -> emptyToNull(Pairs.cookieValue(context.header("Cookie"), name));
            case BAGGAGE -> emptyToNull(Pairs.baggageValue(context.header("baggage"), name));
            case FIRST_OF_HEADER -> firstOf(context.header(name));
        };
    }

    private static @Nullable String emptyToNull(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }

    private static @Nullable String firstOf(@Nullable String list) {
        if (list == null) {
            return null;
        }
        int comma = list.indexOf(',');
        return emptyToNull((comma < 0 ? list : list.substring(0, comma)).strip());
    }

    /** As in {@code header X-User-Id}. */
    @Override
    public String toString() {
        return switch (place) {
            case HASH_KEY -> "hashKey";
            case HEADER -> "header " + name;
            case COOKIE -> "cookie " + name;
            case BAGGAGE -> "baggage " + name;
            case FIRST_OF_HEADER -> "first of header " + name;
        };
    }

    /** A key, or where it is missing another. */
    record Either(StickyKey first, StickyKey second) implements StickyKey {
        @Override
        public @Nullable String of(PickContext context) {
            String key = first.of(context);
            return key != null ? key : second.of(context);
        }

        @Override
        public String toString() {
            return first + ", else " + second;
        }
    }
}
