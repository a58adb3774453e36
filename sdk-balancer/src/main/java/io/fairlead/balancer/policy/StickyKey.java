// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a hashing policy finds the key that sends equal calls to the same instance. Asked once a pick on the caller's thread:
 * must be quick, must not block, must not throw. Safe for any thread.
 */
@FunctionalInterface
public interface StickyKey {
    /** The key of this call, or null when it has none. */
    @Nullable
    String of(PickContext context);

    /** The key the caller gave ({@link PickContext#hashKey}); the default. */
    static StickyKey hashKey() {
        return PickContext::hashKey;
    }

    /** The value of a request header; names are matched without case. */
    static StickyKey header(String name) {
        requireName("header", name);
        return context -> emptyToNull(context.header(name));
    }

    /** The value of a cookie in the request's {@code Cookie} header; names are matched with case. */
    static StickyKey cookie(String name) {
        requireName("cookie", name);
        return context -> cookie(context.header("Cookie"), name);
    }

    /**
     * The address of the client on whose behalf the call is made: the first in {@code X-Forwarded-For}, else {@code
     * X-Real-IP}, else the caller's key. Whoever can set these headers chooses its instance, and nothing more.
     */
    static StickyKey clientIp() {
        StickyKey forwarded = context -> firstOf(context.header("X-Forwarded-For"));
        return forwarded.orElse(header("X-Real-IP")).orElse(hashKey());
    }

    /** This key, or where it is missing the other. */
    default StickyKey orElse(StickyKey other) {
        return context -> {
            String key = of(context);
            return key != null ? key : other.of(context);
        };
    }

    private static void requireName(String what, String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(what + ": '" + name + "' (expected: a name)");
        }
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

    private static @Nullable String cookie(@Nullable String header, String name) {
        if (header == null) {
            return null;
        }
        int start = 0;
        while (start < header.length()) {
            int semicolon = header.indexOf(';', start);
            int end = semicolon < 0 ? header.length() : semicolon;
            while (start < end && header.charAt(start) == ' ') {
                start++;
            }
            int value = start + name.length() + 1;
            if (value <= end && header.startsWith(name, start) && header.charAt(value - 1) == '=') {
                return emptyToNull(header.substring(value, end).strip());
            }
            start = end + 1;
        }
        return null;
    }
}
