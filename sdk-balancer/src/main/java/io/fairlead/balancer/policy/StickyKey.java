// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a hashing policy finds the key that sends equal calls to the same instance. Asked once a pick on the caller's thread:
 * must be quick, must not block, must not throw. Safe for any thread. Those made here are values: two that look in the same
 * place are equal.
 */
@FunctionalInterface
public interface StickyKey {
    /** The key of this call, or null when it has none. */
    @Nullable
    String of(PickContext context);

    /** The key the caller gave ({@link PickContext#hashKey}); the default. */
    static StickyKey hashKey() {
        return new NamedStickyKey(NamedStickyKey.Place.HASH_KEY, "");
    }

    /** The value of a request header; names are matched without case. An empty value is no key. */
    static StickyKey header(String name) {
        return new NamedStickyKey(NamedStickyKey.Place.HEADER, requireName("header", name));
    }

    /**
     * The value of a cookie in the request's {@code Cookie} header, of several of one name the first; names are matched with
     * case. Quotes belong to the value; an empty value is no key.
     */
    static StickyKey cookie(String name) {
        return new NamedStickyKey(NamedStickyKey.Place.COOKIE, requireName("cookie", name));
    }

    /**
     * The value of an entry of the request's {@code baggage} header (W3C), decoded and without its properties, of several of
     * one name the last; names are matched with case. An empty value is no key.
     */
    static StickyKey baggage(String name) {
        return new NamedStickyKey(NamedStickyKey.Place.BAGGAGE, requireName("baggage", name));
    }

    /**
     * The address of the client on whose behalf the call is made: the first in {@code X-Forwarded-For}, else {@code
     * X-Real-IP}, else the caller's key. Whoever can set these headers chooses its instance, and nothing more.
     */
    static StickyKey clientIp() {
        return new NamedStickyKey(NamedStickyKey.Place.FIRST_OF_HEADER, "X-Forwarded-For")
                .orElse(header("X-Real-IP"))
                .orElse(hashKey());
    }

    /** This key, or where it is missing the other. */
    default StickyKey orElse(StickyKey other) {
        return new NamedStickyKey.Either(this, other);
    }

    private static String requireName(String what, String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(what + ": '" + name + "' (expected: a name)");
        }
        return name;
    }
}
